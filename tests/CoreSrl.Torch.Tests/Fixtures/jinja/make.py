"""Writes what Jinja 3.1 makes of the templates here, set as transformers sets it: python3 make.py"""
import datetime, json, pathlib
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

here = pathlib.Path(__file__).parent

def raise_exception(message):
    raise ValueError(message)

def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
environment.filters["tojson"] = tojson
environment.globals["raise_exception"] = raise_exception
environment.globals["strftime_now"] = lambda form: datetime.datetime(2026, 11, 29, 13, 5, 9).strftime(form)

def render(template, variables):
    try:
        return {"expected": environment.from_string(template).render(variables)}
    except Exception as problem:
        return {"fails": f"{type(problem).__name__}: {problem}"}

cases = []
conversations = json.loads((here / "conversations.json").read_text())
for path in sorted(here.glob("*.jinja")):
    template = path.read_text()
    for name, conversation in conversations.items():
        cases.append({"name": f"{path.stem}, {name}", "template": path.name, "variables": conversation, **render(template, conversation)})
for name, template in json.loads((here / "constructs.json").read_text()).items():
    variables = {"text": " Grüne, 世界 🙂! ", "n": 3, "half": 2.5, "yes": True, "no": False, "nothing": None, "list": [1, "two", 3.0, None, [True]],
                 "map": {"b": 1, "A": "two", "items": 3}, "people": [{"name": "Ada", "age": 36, "of": {"town": "London"}}, {"name": "Bo", "age": 9, "of": {"town": "Åby"}}]}
    cases.append({"name": name, "template": template, "variables": variables, **render(template, variables)})
(here / "expected.json").write_text(json.dumps(cases, ensure_ascii=False, indent=1) + "\n")
print(len(cases), "cases;", sum("fails" in case for case in cases), "fail")
for case in cases:
    if "fails" in case:
        print(case["name"], "->", case["fails"])
