using CoreSrl.Plugins.CustomMetrics;
using CsCheck;

namespace CoreSrl.Tests.CustomMetrics;

/// <summary>The diversity score, against sums done by hand and against what must hold for any play.</summary>
public sealed class PlayDiversityTests
{
    private static readonly Gen<Dictionary<string, long>[]> Play =
        Gen.Select(Gen.OneOfConst("C", "D", "E", "F"), Gen.Long[1, 50]).Array[1, 4]
            .Select(pairs => pairs.DistinctBy(pair => pair.Item1).ToDictionary(pair => pair.Item1, pair => pair.Item2))
            .Array[2, 5];

    [Fact]
    public void Models_that_answer_alike_have_no_diversity_however_often_they_answered() => Assert.Equal(0, Score(Of(("C", 3), ("D", 1)), Of(("C", 30), ("D", 10))));

    [Fact]
    public void Models_with_no_answer_in_common_are_one_bit_apart() => Assert.Equal(1, Score(Of(("C", 4)), Of(("D", 9))));

    // p = (1, 0), q = (½, ½), m = (¾, ¼): ½ log₂ (4/3) + ½ (½ log₂ (2/3) + ½ log₂ 2), which is about 0.311.
    [Fact]
    public void One_who_always_cooperates_and_one_who_does_so_half_of_the_time_differ_as_worked_by_hand() =>
        Assert.Equal((Math.Log2(4 / 3.0) / 2) + ((Math.Log2(2 / 3.0) + 1) / 4), Score(Of(("C", 8)), Of(("C", 4), ("D", 4)))!.Value, 15);

    [Fact]
    public void Of_three_models_it_is_the_mean_over_the_three_pairs() => Assert.Equal(2 / 3.0, Score(Of(("C", 1)), Of(("C", 2)), Of(("D", 1)))!.Value, 15);

    [Fact]
    public void A_model_that_answered_nothing_is_not_compared()
    {
        Assert.Equal(1, Score(Of(("C", 1)), Of(), Of(("D", 1))));
        Assert.Null(Score(Of(("C", 1)), Of()));
        Assert.Null(Score(Of(("C", 1))));
        Assert.Null(Score());
    }

    [Fact]
    public void It_lies_between_0_and_1_and_does_not_depend_on_the_order_of_models_or_answers() => Play.Sample(play =>
    {
        var score = Score(play)!.Value;
        Assert.InRange(score, 0, 1);
        Assert.Equal(score, Score([.. play.Reverse()])!.Value, 1e-12);
        Assert.Equal(score, Score([.. play.Select(counts => counts.Reverse().ToDictionary())])); // To the last bit.
    });

    [Fact]
    public void Playing_the_same_mixture_longer_changes_nothing() => Gen.Select(Play, Gen.Long[2, 9]).Sample((play, times) =>
        Assert.Equal(Score(play)!.Value, Score([.. play.Select(counts => counts.ToDictionary(pair => pair.Key, pair => pair.Value * times))])!.Value, 1e-12));

    [Fact]
    public void Two_models_are_apart_unless_their_mixtures_are_equal() => Play.Where(play => play.Length == 2).Sample(play =>
    {
        var same = play[0].Keys.Concat(play[1].Keys).All(answer =>
            play[0].GetValueOrDefault(answer) * play[1].Values.Sum() == play[1].GetValueOrDefault(answer) * play[0].Values.Sum());
        Assert.Equal(same, Score(play) < 1e-9);
    });

    private static double? Score(params Dictionary<string, long>[] play) => PlayDiversity.Score(play);

    private static Dictionary<string, long> Of(params (string Answer, long Times)[] counts) => counts.ToDictionary(pair => pair.Answer, pair => pair.Times);
}
