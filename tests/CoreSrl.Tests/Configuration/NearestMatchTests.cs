using CoreSrl.Configuration;
using CsCheck;

namespace CoreSrl.Tests.Configuration;

public sealed class NearestMatchTests
{
    private static readonly Gen<string> Words = Gen.String[Gen.Char["abC"], 0, 6];

    [Theory]
    [InlineData("MaxEpisdes", "Did you mean 'MaxEpisodes'? Known: MaxEpisodes, Mode, Seed.")]
    [InlineData("maxepisodes", "Did you mean 'MaxEpisodes'? Known: MaxEpisodes, Mode, Seed.")]
    [InlineData("Sede", "Did you mean 'Seed'? Known: MaxEpisodes, Mode, Seed.")]
    [InlineData("Temperature", "Known: MaxEpisodes, Mode, Seed.")]
    public void What_is_near_is_suggested_and_what_is_known_is_listed(string word, string expected) =>
        Assert.Equal(expected, NearestMatch.Suggest(word, ["Seed", "MaxEpisodes", "Mode"]));

    [Fact]
    public void Where_nothing_is_known_nothing_is_suggested() => Assert.Equal("There is none to choose from.", NearestMatch.Suggest("a", []));

    [Theory]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("ab", "ba", 1)]
    [InlineData("", "abc", 3)]
    [InlineData("ABC", "abc", 0)]
    public void Distance_counts_edits(string a, string b, int expected) => Assert.Equal(expected, NearestMatch.Distance(a, b));

    [Fact]
    public void Distance_is_the_same_both_ways_and_0_for_equals_only() => Gen.Select(Words, Words).Sample((a, b) =>
    {
        Assert.Equal(NearestMatch.Distance(a, b), NearestMatch.Distance(b, a));
        Assert.Equal(string.Equals(a, b, StringComparison.OrdinalIgnoreCase), NearestMatch.Distance(a, b) == 0);
        Assert.InRange(NearestMatch.Distance(a, b), Math.Abs(a.Length - b.Length), Math.Max(a.Length, b.Length));
    });
}
