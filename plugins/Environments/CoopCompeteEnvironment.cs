using System.Collections.Immutable;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.Environments;

/// <summary>
/// A public-goods game in text, repeated for some rounds: in each, every seat answers <c>C</c> (cooperate) or <c>D</c> (defect) at
/// once, then learns how many others cooperated. With two seats it is the iterated prisoner's dilemma.
/// </summary>
/// <remarks>
/// A prompt is at most 40 bytes of ASCII, because what a byte-level model costs grows with it: <c>R2/4 you C, others C 1/2. C or D?</c>
/// means "round 2 of 4; last round you cooperated, and so did 1 of the 2 others". Rewards: <see cref="PublicGoods"/>. A step's
/// cooperation is 1 for a C and 0 for a D, as played, that is after a tremble. The seats with the highest total win; when all tie,
/// none does.
/// </remarks>
/// <param name="options">The rules of the game.</param>
[Plugin("coop-compete", Description = "An iterated public-goods game for 2 to 16 seats; with two, a prisoner's dilemma.")]
public sealed class CoopCompeteEnvironment(CoopCompeteOptions options) : IEnvironment
{
    /// <summary>The answer that gives to the common pot.</summary>
    public const string Cooperate = "C";

    /// <summary>The answer that keeps.</summary>
    public const string Defect = "D";

    private static readonly ImmutableArray<string> Moves = [Cooperate, Defect];

    private SeededRandom _random;
    private int _round;
    private int[] _gifts = []; // What each seat gave so far, in rounds.

    /// <inheritdoc/>
    public SeatRange Seats => new(2, 16);

    /// <inheritdoc/>
    public ValueTask<EnvironmentStep> ResetAsync(int seats, ulong seed, CancellationToken cancellationToken)
    {
        if (!Seats.Contains(seats))
            throw new ArgumentOutOfRangeException(nameof(seats), seats, $"coop-compete seats {Seats}");
        _random = new(seed);
        _round = 1;
        _gifts = new int[seats];
        var first = new SeatStep { Observation = new($"R1/{options.Rounds}. C or D?", Moves) };
        return new(new EnvironmentStep([.. Enumerable.Repeat(first, seats)]));
    }

    /// <inheritdoc/>
    public ValueTask<EnvironmentStep> StepAsync(IReadOnlyList<string?> actions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actions);
        if (actions.Count != _gifts.Length)
            throw new ArgumentException($"{actions.Count} actions for {_gifts.Length} seats", nameof(actions));

        bool[] played = [.. actions.Select(Play)];
        var gifts = played.Count(cooperates => cooperates);
        var over = ++_round > options.Rounds;
        var seats = ImmutableArray.CreateBuilder<SeatStep>(played.Length);
        for (var seat = 0; seat < played.Length; seat++)
        {
            var cooperates = played[seat];
            _gifts[seat] += cooperates ? 1 : 0;
            seats.Add(new()
            {
                Observation = over ? null : new(Prompt(cooperates, gifts - (cooperates ? 1 : 0)), Moves),
                Reward = PublicGoods.Reward(played.Length, options.CooperationLevel, cooperates, gifts),
                Terminated = over,
                Cooperation = cooperates ? 1 : 0,
            });
        }

        return new(new EnvironmentStep(seats.MoveToImmutable(), over ? Winners() : []));
    }

    private bool Play(string? action)
    {
        var cooperates = action switch
        {
            Cooperate => true,
            Defect => false,
            _ => throw new ArgumentException($"'{action}' is not a move of coop-compete; the moves are C and D", nameof(action)),
        };
        // Drawn even without noise, so that games of one seed tremble at the same moves whatever the noise.
        return _random.NextDouble() < options.Noise ? !cooperates : cooperates;
    }

    private string Prompt(bool cooperated, int others) =>
        $"R{_round}/{options.Rounds} you {(cooperated ? Cooperate : Defect)}, others C {others}/{_gifts.Length - 1}. C or D?";

    // The pot pays all seats alike, so the highest total is that of the seat that gave least: exact, where sums of rewards are not.
    private ImmutableArray<int> Winners()
    {
        var least = _gifts.Min();
        return least == _gifts.Max() ? [] : [.. Enumerable.Range(0, _gifts.Length).Where(seat => _gifts[seat] == least)];
    }
}
