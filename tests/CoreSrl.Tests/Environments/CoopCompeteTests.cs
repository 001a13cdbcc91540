using System.Text;
using CoreSrl.Abstractions;
using CoreSrl.Plugins.Environments;
using CsCheck;

namespace CoreSrl.Tests.Environments;

public sealed class CoopCompeteTests
{
    // By hand, two seats: m = 1/2 + 0.6 · 1/2 = 0.8; both C: (0.8 · 2 − 1) / 0.8; one C: (0.8 − 1) / 0.8, and 0.8 / 0.8 for the other.
    // Three: m = 1/3 + 0.6 · 2/3 = 11/15; two C: (22/15 − 1) / (22/15) = 7/22, and (22/15) / (22/15) for the third.
    [Theory]
    [InlineData("CC", 0.75, 0.75)]
    [InlineData("CD", -0.25, 1.0)]
    [InlineData("DC", 1.0, -0.25)]
    [InlineData("DD", 0.0, 0.0)]
    [InlineData("CDC", 7 / 22.0, 1.0, 7 / 22.0)]
    public async Task Moves_earn_what_the_formula_says(string moves, params double[] rewards)
    {
        var step = (await PlayAsync(new() { Rounds = 1 }, 1, moves))[0];
        for (var seat = 0; seat < rewards.Length; seat++)
            Assert.Equal(rewards[seat], step.Seats[seat].Reward, 12);
    }

    [Fact]
    public void For_every_number_of_seats_and_every_level_between_defecting_pays_and_cooperating_together_is_best() =>
        Gen.Select(Gen.Int[2, 16], Gen.Double[0.001, 0.999]).Sample((seats, level) =>
        {
            for (var others = 0; others < seats; others++)
            {
                var defecting = PublicGoods.Reward(seats, level, cooperates: false, others);
                var cooperating = PublicGoods.Reward(seats, level, cooperates: true, others + 1);
                Assert.True(defecting > cooperating, $"{others} others cooperate: D earns {defecting}, C earns {cooperating}");
                Assert.InRange(defecting, -1 - 1e-12, 1 + 1e-12);
                Assert.InRange(cooperating, -1 - 1e-12, 1 + 1e-12);
            }

            double Together(int gifts) => gifts * PublicGoods.Reward(seats, level, true, gifts)
                + (seats - gifts) * PublicGoods.Reward(seats, level, false, gifts);
            for (var gifts = 0; gifts < seats; gifts++)
                Assert.True(Together(gifts + 1) > Together(gifts));
        });

    [Fact]
    public void At_the_ends_of_the_level_one_side_of_the_dilemma_is_gone() => Gen.Int[2, 16].Sample(seats =>
    {
        Assert.Equal(0, PublicGoods.Reward(seats, 0, cooperates: true, seats), 12);
        Assert.Equal(PublicGoods.Reward(seats, 1, cooperates: false, seats - 1), PublicGoods.Reward(seats, 1, cooperates: true, seats), 12);
    });

    [Fact]
    public async Task A_prompt_tells_the_round_and_the_round_before()
    {
        var game = new CoopCompeteEnvironment(new() { Rounds = 3 });
        Assert.Equal(Enumerable.Repeat("R1/3. C or D?", 3), Prompts(await game.ResetAsync(3, 1, default)));
        var step = await game.StepAsync(["C", "D", "C"], default);
        Assert.Equal(
            ["R2/3 you C, others C 1/2. C or D?", "R2/3 you D, others C 2/2. C or D?", "R2/3 you C, others C 1/2. C or D?"], Prompts(step));
        Assert.All(step.Seats, seat => Assert.Equal(["C", "D"], seat.Observation!.Choices.ToArray()));
        Assert.False(step.IsOver);
    }

    [Fact]
    public async Task No_prompt_is_longer_than_40_bytes()
    {
        var game = new CoopCompeteEnvironment(new() { Rounds = 100 });
        var step = await game.ResetAsync(16, 1, default);
        while (!step.IsOver)
        {
            Assert.All(Prompts(step), prompt => Assert.InRange(Encoding.UTF8.GetByteCount(prompt), 1, 40));
            step = await game.StepAsync([.. Enumerable.Repeat("C", 16)], default);
        }
    }

    [Fact]
    public async Task A_game_ends_by_its_rules_after_its_last_round()
    {
        var steps = await PlayAsync(new() { Rounds = 2 }, 1, "CD", "CC");
        Assert.Equal([false, true], steps.Select(step => step.IsOver));
        Assert.All(steps[1].Seats, seat => Assert.True(seat is { Terminated: true, Truncated: false, Observation: null }));
        Assert.Equal([1.0, 0.0], steps[0].Seats.Select(seat => seat.Cooperation!.Value));
        Assert.Equal([1.0, 1.0], steps[1].Seats.Select(seat => seat.Cooperation!.Value));
        Assert.Empty(steps[0].Winners);
    }

    [Theory]
    [InlineData("CD", "CC", 1)]
    [InlineData("CDD", "CDC", 1)]
    [InlineData("CDD", "CDD", 1, 2)]
    [InlineData("CD", "DC")]
    [InlineData("CC", "CC")]
    [InlineData("DD", "DD")]
    public async Task Those_with_the_highest_total_win_unless_all_tie(string first, string second, params int[] winners)
    {
        var steps = await PlayAsync(new() { Rounds = 2 }, 1, first, second);
        Assert.Equal(winners, steps[^1].Winners.ToArray());
        double[] totals = [.. first.Select((_, seat) => steps.Sum(step => step.Seats[seat].Reward))];
        var best = Enumerable.Range(0, totals.Length).Where(seat => totals[seat] > totals.Max() - 1e-9).ToArray();
        Assert.Equal(winners, best.Length == totals.Length ? [] : best);
    }

    [Fact]
    public async Task Noise_flips_as_many_moves_as_it_says_and_the_same_ones_for_a_seed()
    {
        var options = new CoopCompeteOptions { Rounds = 100, Noise = 0.25 };
        var all = Enumerable.Repeat(new string('C', 16), 100).ToArray();
        var first = Played(await PlayAsync(options, 5, all));
        Assert.Equal(first, Played(await PlayAsync(options, 5, all)));
        Assert.NotEqual(first, Played(await PlayAsync(options, 6, all)));
        Assert.InRange(first.Count(move => move == 0), 0.22 * 1600, 0.28 * 1600);
        Assert.DoesNotContain(1.0, Played(await PlayAsync(options with { Noise = 1 }, 5, all)));
        Assert.DoesNotContain(0.0, Played(await PlayAsync(options with { Noise = 0 }, 5, all)));
    }

    [Fact]
    public async Task A_reset_forgets_the_game_before()
    {
        var options = new CoopCompeteOptions { Rounds = 2, Noise = 0.5 };
        var used = new CoopCompeteEnvironment(options);
        await used.ResetAsync(3, 1, default);
        await used.StepAsync(["D", "C", "D"], default);
        string[] rounds = ["CDC", "CCD"];
        Assert.Equal(Played(await PlayAsync(new CoopCompeteEnvironment(options), 9, rounds)), Played(await PlayAsync(used, 9, rounds)));
    }

    [Fact]
    public async Task What_is_no_move_and_who_has_no_seat_is_refused()
    {
        var game = new CoopCompeteEnvironment(new());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => game.ResetAsync(1, 1, default).AsTask());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => game.ResetAsync(17, 1, default).AsTask());
        await game.ResetAsync(2, 1, default);
        await Assert.ThrowsAsync<ArgumentException>(() => game.StepAsync(["C"], default).AsTask());
        var error = await Assert.ThrowsAsync<ArgumentException>(() => game.StepAsync(["C", "maybe"], default).AsTask());
        Assert.Contains("'maybe' is not a move of coop-compete; the moves are C and D", error.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Prompts(EnvironmentStep step) => step.Seats.Select(seat => seat.Observation!.Prompt);

    private static double[] Played(IEnumerable<EnvironmentStep> steps) =>
        [.. steps.SelectMany(step => step.Seats).Select(seat => seat.Cooperation!.Value)];

    private static Task<EnvironmentStep[]> PlayAsync(CoopCompeteOptions options, ulong seed, params string[] rounds) =>
        PlayAsync(new CoopCompeteEnvironment(options), seed, rounds);

    /// <summary>Plays one game; each round is one letter per seat.</summary>
    private static async Task<EnvironmentStep[]> PlayAsync(CoopCompeteEnvironment game, ulong seed, string[] rounds)
    {
        await game.ResetAsync(rounds[0].Length, seed, default);
        List<EnvironmentStep> steps = [];
        foreach (var round in rounds)
            steps.Add(await game.StepAsync([.. round.Select(move => move.ToString())], default));
        return [.. steps];
    }
}
