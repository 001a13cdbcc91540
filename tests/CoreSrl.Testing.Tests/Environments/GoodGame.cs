using System.Collections.Immutable;
using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Testing.Tests.Memories;

namespace CoreSrl.Testing.Tests.Environments;

/// <summary>
/// A game for 2 to 4: in odd rounds everybody takes a side, in even ones says what comes to mind. The last seat leaves after two rounds,
/// the others play four, of which the last may be cut off.
/// </summary>
internal sealed class GoodGame : IEnvironment
{
    private const int Rounds = 4;

    private SeededRandom _random;
    private int _round;
    private double[] _sums = [];

    public SeatRange Seats => new(2, 4);

    public ValueTask<EnvironmentStep> ResetAsync(int seats, ulong seed, CancellationToken cancellationToken)
    {
        _random = new(seed);
        _round = 0;
        _sums = new double[seats];
        return new(new EnvironmentStep([.. Enumerable.Range(0, seats).Select(seat => new SeatStep { Observation = Ask() })]));
    }

    public ValueTask<EnvironmentStep> StepAsync(IReadOnlyList<string?> actions, CancellationToken cancellationToken)
    {
        var luck = _random.NextDouble();
        var choosing = _round % 2 == 0;
        _round++;
        var seats = ImmutableArray.CreateBuilder<SeatStep>();
        for (var seat = 0; seat < _sums.Length; seat++)
        {
            if (IsDone(seat, _round - 1))
            {
                seats.Add(new() { Terminated = true });
                continue;
            }

            var reward = choosing ? Pay(actions[seat]) : Math.Min(actions[seat]!.Length, 10) * luck;
            _sums[seat] += reward;
            var done = IsDone(seat, _round);
            var cutOff = done && luck > 0.5 && _round == Rounds;
            seats.Add(new()
            {
                Observation = done ? null : Ask(),
                Reward = reward,
                Terminated = done && !cutOff,
                Truncated = cutOff,
                Cooperation = choosing ? luck : null,
                Info = new Dictionary<string, double> { ["luck"] = luck },
            });
        }

        var best = _sums.Max();
        return new(new EnvironmentStep(seats.ToImmutable(), _round == Rounds ? [.. Enumerable.Range(0, _sums.Length).Where(seat => _sums[seat] == best)] : []));

        double Pay(string? action) => action switch
        {
            "left" => luck,
            "right" => 1 - luck,
            "neither" => 0.5,
            _ => throw new ArgumentException($"'{action}' is no side.", nameof(actions)),
        };
    }

    private bool IsDone(int seat, int round) => round >= (seat == _sums.Length - 1 ? 2 : Rounds);

    private Observation Ask() => _round % 2 == 0 ? new($"Round {_round}, {_random.NextInt32(100)} in the pot. Which side? ", "left", "right", "neither") : new($"Round {_round}. Say something: ");
}

/// <summary>Passes every call on, for others to break one.</summary>
internal abstract class PassingGame : IEnvironment
{
    private readonly GoodGame _inner = new();

    public virtual SeatRange Seats => _inner.Seats;

    public virtual async ValueTask<EnvironmentStep> ResetAsync(int seats, ulong seed, CancellationToken cancellationToken) =>
        Shown(await _inner.ResetAsync(seats, seed, cancellationToken));

    public virtual async ValueTask<EnvironmentStep> StepAsync(IReadOnlyList<string?> actions, CancellationToken cancellationToken) =>
        Shown(await _inner.StepAsync(actions, cancellationToken));

    /// <summary>Changes what is shown.</summary>
    protected virtual EnvironmentStep Shown(EnvironmentStep step) => step with { Seats = [.. step.Seats.Select(Shown)] };

    protected virtual SeatStep Shown(SeatStep seat) => seat;

    /// <summary>Puts a word before every prompt.</summary>
    protected static SeatStep Prefixed(SeatStep seat, object word) =>
        seat.Observation is { } asked ? seat with { Observation = asked with { Prompt = $"{word}: {asked.Prompt}" } } : seat;
}

/// <summary>Tells the number of the game.</summary>
internal sealed class CountingGame(Memory memory) : PassingGame, IStatefulPlugin
{
    private long _game;

    public override ValueTask<EnvironmentStep> ResetAsync(int seats, ulong seed, CancellationToken cancellationToken)
    {
        _game = memory.Next();
        return base.ResetAsync(seats, seed, cancellationToken);
    }

    public JsonNode? CaptureState() => memory.CaptureState();

    public void RestoreState(JsonNode? state) => memory.RestoreState(state);

    protected override SeatStep Shown(SeatStep seat) => Prefixed(seat, $"game {_game}");
}
