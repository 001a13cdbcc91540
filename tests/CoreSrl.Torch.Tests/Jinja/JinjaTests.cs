using System.Text.Json.Nodes;
using CoreSrl.Plugins.TorchLora.Jinja;

namespace CoreSrl.Torch.Tests.Jinja;

/// <summary>Templates write what Python's Jinja writes; <c>Fixtures/jinja/make.py</c> says how it was asked.</summary>
public sealed class JinjaTests
{
    private static readonly DateTime Now = new(2026, 11, 29, 13, 5, 9, DateTimeKind.Unspecified);
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Fixtures", "jinja");
    private static readonly JsonArray Cases = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "expected.json")))!.AsArray();

    public static TheoryData<string> Written => [.. Names("expected")];

    public static TheoryData<string> Failing => [.. Names("fails")];

    [Theory]
    [MemberData(nameof(Written))]
    public void It_writes_what_Jinja_writes(string name) => Assert.Equal((string?)Case(name)["expected"], Render(Case(name)));

    [Theory]
    [MemberData(nameof(Failing))]
    public void It_fails_where_Jinja_fails(string name) => Assert.Throws<JinjaException>(() => Render(Case(name)));

    [Theory]
    [InlineData("a\n{{ raise_exception('Roles must alternate.') }}", "line 2: Roles must alternate.")]
    [InlineData("\n\n{% include 'x' %}", "line 3: the tag 'include' is not supported; known are if, for, break, continue, set, macro and generation.")]
    [InlineData("{{ messages.x }}", "line 1: 'messages' is undefined, so it has no 'x'.")]
    [InlineData("{{ [1\n] }}", "line 1: a list cannot be written as it is; write it with tojson.")]
    [InlineData("{% if a b %}", "line 1: 'b' stands where '%}' should.")]
    [InlineData("{{ 1 + }}", "line 1: '}}' stands where a value should.")]
    [InlineData("{{ a ? b }}", "line 1: '?' is not understood.")]
    [InlineData("{{ f(*a) }}", "line 1: arguments with '*' are not supported.")]
    [InlineData("{{ 'a'.zfill(3) }}", "line 1: the method 'zfill' of texts is not supported; known are capitalize, count, endswith, find, join, lower, lstrip, removeprefix, removesuffix, replace, rsplit, rstrip, split, splitlines, startswith, strip, upper.")]
    [InlineData("{% for a in [] recursive %}{% endfor %}", "line 1: 'recursive' loops are not supported.")]
    [InlineData("{{ strftime_now('%Q') }}", "line 1: '%Q' in a date is not supported.")]
    [InlineData("{% if a %}\n{% for b in c %}\n", "line 2: the template ends without 'endfor'.")]
    public void What_is_wrong_is_told_with_its_line(string template, string problem) =>
        Assert.Equal(problem, Assert.Throws<JinjaException>(() => Render(template, [])).Message);

    [Theory]
    [InlineData("{% for a in range(1000000000) %}{% endfor %}")]
    [InlineData("{% for a in range(3000) %}{% for b in range(3000) %}{% endfor %}{% endfor %}")]
    [InlineData("{% set s = namespace(x='ab') %}{% for a in range(99) %}{% set s.x = s.x ~ s.x %}{% endfor %}")]
    [InlineData("{{ 'abc' * 1000000000 }}")]
    [InlineData("{{ ('a' * 10000).replace('a', 'b' * 10000) }}")]
    [InlineData("{{ range(1000000) | join('abc' * 1000000) }}")]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}")]
    [InlineData("{% set s = namespace(x=[]) %}{% for a in range(200000) %}{% set s.x = [s.x] %}{% endfor %}{{ s.x | tojson }}")]
    [InlineData("{% set s = namespace(x=[], y=[]) %}{% for a in range(200000) %}{% set s.x = [s.x] %}{% set s.y = [s.y] %}{% endfor %}{{ s.x == s.y }}")]
    [InlineData("{{ ('a\n' * 5000000) | indent(64) }}")]
    public void One_without_an_end_is_ended(string template) => Assert.Throws<JinjaException>(() => Render(template, []));

    [Theory]
    [InlineData("(")]
    [InlineData("[")]
    [InlineData("not ")]
    [InlineData("-")]
    [InlineData("{'a':")]
    [InlineData("a + ")]
    [InlineData("f(")]
    public void One_that_is_too_deep_is_refused(string part) =>
        Assert.Throws<JinjaException>(() => Render("{{ " + string.Concat(Enumerable.Repeat(part, 100_000)) + "1 }}", []));

    [Fact]
    public void Blocks_that_are_too_deep_are_refused() =>
        Assert.Throws<JinjaException>(() => Render(string.Concat(Enumerable.Repeat("{% if true %}", 100_000)), []));

    private static IEnumerable<string> Names(string sort) => Cases.Where(expected => expected![sort] is not null).Select(expected => (string)expected!["name"]!);

    private static JsonNode Case(string name) => Cases.Single(expected => (string?)expected!["name"] == name)!;

    private static string Render(JsonNode expected)
    {
        var template = (string)expected["template"]!;
        return Render(template.EndsWith(".jinja", StringComparison.Ordinal) ? File.ReadAllText(Path.Combine(Folder, template)) : template, expected["variables"]!.AsObject());
    }

    private static string Render(string template, JsonObject variables) => new JinjaTemplate(template).Render((Map)Values.Of(variables)!, Now);
}
