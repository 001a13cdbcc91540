using CoreSrl.Training;
using CsCheck;

namespace CoreSrl.Tests.Training;

public sealed class SeedsTests
{
    // A run that is resumed by a later version must draw the same numbers: these never change.
    [Theory]
    [InlineData(7UL, "game", "", 14250790978944823842UL, 1, 0)]
    [InlineData(7UL, "act", "model_0_qwen3", 9707612609044097717UL, 1, 2, 3)]
    [InlineData(7UL, "learn", "model_0_qwen3", 11709264103845122489UL, 10)]
    [InlineData(ulong.MaxValue, "model", "é", 822664654852282031UL)]
    public void Seeds_stay_the_same_from_version_to_version(ulong runSeed, string purpose, string name, ulong expected, params int[] place) =>
        Assert.Equal(expected, Seeds.Derive(runSeed, purpose, name, [.. place.Select(p => (long)p)]));

    [Fact]
    public void Every_run_purpose_name_and_place_has_a_seed_of_its_own()
    {
        var seeds =
            from run in new[] { 0UL, 1UL, 7UL }
            from purpose in new[] { "game", "act", "learn", "model" }
            from name in new[] { "", "a", "b", "ab" }
            from episode in Enumerable.Range(0, 12)
            from game in Enumerable.Range(0, 12)
            select Seeds.Derive(run, purpose, name, episode, game);
        var all = seeds.ToList();
        Assert.Equal(all.Count, all.Distinct().Count());
    }

    [Fact]
    public void Where_one_word_ends_and_the_next_begins_matters()
    {
        Assert.NotEqual(Seeds.Derive(1, "ab", "c"), Seeds.Derive(1, "a", "bc"));
        Assert.NotEqual(Seeds.Derive(1, "a", "b", 0), Seeds.Derive(1, "a", "b"));
    }

    [Fact]
    public void The_order_of_a_place_matters() => Gen.Select(Gen.Long, Gen.Long).Where((a, b) => a != b).Sample((a, b) =>
        Assert.NotEqual(Seeds.Derive(1, "act", "m", a, b), Seeds.Derive(1, "act", "m", b, a)));
}
