using System.ComponentModel.DataAnnotations;
using CoreSrl.Configuration;

namespace CoreSrl.Tests.Configuration;

public sealed class OptionsBinderTests
{
    private const string Origin = "(from the test)";

    [Fact]
    public void Every_kind_of_value_is_bound()
    {
        var shape = Bind("""
            { "S": { "Count": 3, "ratio": 0.5, "Name": "x", "On": true, "Seed": 18446744073709551615, "Color": "dark_red", "Wait": "00:00:05",
                     "Names": ["a", "b"], "Inner": { "Depth": 4 }, "Inners": [ { "Depth": 5 }, { "Depth": 6 } ], "Maybe": 2 } }
            """);
        Assert.Equal((3, 0.5, "x", true, ulong.MaxValue, Color.Dark_Red, TimeSpan.FromSeconds(5), 2),
            (shape.Count, shape.Ratio, shape.Name, shape.On, shape.Seed, shape.Color, shape.Wait, shape.Maybe));
        Assert.Equal(["a", "b"], shape.Names);
        Assert.Equal([4, 5, 6], [shape.Inner.Depth, .. shape.Inners.Select(inner => inner.Depth)]);
    }

    [Fact]
    public void What_is_left_out_keeps_its_default() => Assert.Equal((1, "name"), (Bind("{}").Count, Bind("""{ "S": {} }""").Name));

    [Fact]
    public void A_list_may_be_empty()
    {
        Assert.Empty(Bind("""{ "S": { "Names": [] } }""").Names);
        Assert.Null(Bind("""{ "S": {} }""").Some);
        Assert.Equal(["S:Some (from the test): at least 1 of them is required."], Problems("""{ "S": { "Some": [] } }"""));
    }

    [Theory]
    [InlineData("""{ "Cuont": 1 }""", "S:Cuont: no option of S is called 'Cuont'. Did you mean 'Count'? Known: Color, Count, Inner, Inners, Maybe, Name, Names, On, Ratio, Seed, Some, Use, Wait, Word.")]
    [InlineData("""{ "Count": "many" }""", "S:Count: 'many' is not a whole number.")]
    [InlineData("""{ "Count": 1.5 }""", "S:Count: '1.5' is not a whole number.")]
    [InlineData("""{ "Count": 99999999999 }""", "S:Count: '99999999999' is not a whole number.")]
    [InlineData("""{ "Count": 101 }""", "S:Count: must be between 0 and 100, not 101.")]
    [InlineData("""{ "Ratio": "NaN" }""", "S:Ratio: 'NaN' is not a number.")]
    [InlineData("""{ "Seed": -1 }""", "S:Seed: '-1' is not a whole number from 0 to 18446744073709551615.")]
    [InlineData("""{ "On": "perhaps" }""", "S:On: 'perhaps' is not true or false.")]
    [InlineData("""{ "Wait": "soon" }""", "S:Wait: 'soon' is not a time span (hh:mm:ss).")]
    [InlineData("""{ "Color": "gren" }""", "S:Color: 'gren' is not one of its values. Did you mean 'green'? Known: dark_red, green.")]
    [InlineData("""{ "Color": "1" }""", "S:Color: '1' is not one of its values. Known: dark_red, green.")]
    [InlineData("""{ "Count": { "a": 1 } }""", "S:Count: a section stands where a whole number is expected.")]
    [InlineData("""{ "Inner": 3 }""", "S:Inner: '3' stands where a section { … } is expected.")]
    [InlineData("""{ "Inner": { "Dpeth": 3 } }""", "S:Inner:Dpeth: no option of S:Inner is called 'Dpeth'. Did you mean 'Depth'? Known: Depth.")]
    [InlineData("""{ "Inners": [ { "Depth": 1 }, { "Depth": "x" } ] }""", "S:Inners:1:Depth: 'x' is not a whole number.")]
    [InlineData("""{ "Names": "a" }""", "S:Names: 'a' stands where a list [ … ] is expected.")]
    [InlineData("""{ "Names": { "first": "a" } }""", "S:Names:first: a list [ … ] has no key 'first'; its entries are numbered from 0.")]
    [InlineData("""{ "Name": "" }""", "S:Name: a value is required.")]
    [InlineData("""{ "Maybe": "x" }""", "S:Maybe: 'x' is not a whole number.")]
    public void What_cannot_be_used_is_told_with_its_place(string section, string problem) =>
        Assert.Equal([problem.Insert(problem.IndexOf(": ", StringComparison.Ordinal), $" {Origin}")], Problems($$"""{ "S": {{section}} }"""));

    [Fact]
    public void A_value_where_the_section_should_be_is_told() =>
        Assert.Equal([$"S {Origin}: '5' stands where a section {{ … }} is expected."], Problems("""{ "S": 5 }"""));

    [Fact]
    public void A_word_that_is_not_allowed_is_told_with_those_that_are() =>
        Assert.Equal([$"S:Word {Origin}: 'fersh' is not allowed. Did you mean 'fresh'? Known: auto, fresh."], Problems("""{ "S": { "Word": "fersh" } }"""));

    [Fact]
    public void All_problems_are_told_at_once() =>
        Assert.Equal(3, Problems("""{ "S": { "Cuont": 1, "On": "perhaps", "Inner": { "Depth": "deep" } } }""").Count);

    private static Shape Bind(string json)
    {
        var root = ConfigurationReader.Read(json, "the test", []);
        var binder = new OptionsBinder(root);
        var shape = binder.Bind<Shape>(root.GetSection("S"), "Use");
        Assert.Empty(binder.Problems);
        return shape;
    }

    private static IReadOnlyList<string> Problems(string json)
    {
        var root = ConfigurationReader.Read(json, "the test", []);
        var binder = new OptionsBinder(root);
        binder.Bind<Shape>(root.GetSection("S"), "Use");
        return binder.Problems;
    }

    private enum Color
    {
        Green,
        Dark_Red,
    }

    private sealed record Inner
    {
        public int Depth { get; init; }
    }

    private sealed record Shape
    {
        [Range(0, 100)]
        public int Count { get; init; } = 1;

        public double Ratio { get; init; }

        [Required]
        public string Name { get; init; } = "name";

        public bool On { get; init; }

        public ulong Seed { get; init; }

        public Color Color { get; init; }

        public TimeSpan Wait { get; init; }

        public IReadOnlyList<string> Names { get; init; } = [];

        [MinLength(1)]
        public IReadOnlyList<long>? Some { get; init; }

        public Inner Inner { get; init; } = new();

        public IReadOnlyList<Inner> Inners { get; init; } = [];

        public int? Maybe { get; init; }

        [AllowedValues("auto", "fresh", null)]
        public string Word { get; init; } = "auto";
    }
}
