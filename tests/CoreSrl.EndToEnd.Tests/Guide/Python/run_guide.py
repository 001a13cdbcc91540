"""Runs the guide's passages in their order, as one goes through them at a prompt, and prints what they found as one JSON document."""

import contextlib
import io
import json
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)

# What the guide uses without importing it: a standard module, and the trainer of the program around it.
loaded = []


class Trainer:
    def load_checkpoint(self, checkpoint_id):
        loaded.append(checkpoint_id)


prompt = {"os": os, "trainer": Trainer()}
printed = io.StringIO()
with contextlib.redirect_stdout(printed):
    for passage in sorted(os.listdir(os.path.join(here, "passages"))):
        with open(os.path.join(here, "passages", passage), encoding="utf-8") as file:
            exec(compile(file.read(), passage, "exec"), prompt)

json.dump({
    "checkpoints": prompt["checkpoints"],
    "episodes": prompt["episodes"],
    "rewards": prompt["rewards"],
    "latest_stats": prompt["latest_stats"],
    "size_gb": prompt["size_gb"],
    "loaded": loaded,
    "printed": printed.getvalue(),
    "drawn": os.path.exists("training_progress.png"),
}, sys.stdout)
