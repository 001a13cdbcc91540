using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.Tests.Fakes;

public sealed record TestEnvironmentOptions
{
    public int Rounds { get; init; } = 2;

    public int MaximumSeats { get; init; } = 4;
}

/// <summary>A game whose rewards depend on its seed and on how many steps were ever played in it: memory that must travel.</summary>
[Plugin("test-game")]
public sealed class TestEnvironment(TestEnvironmentOptions options) : IEnvironment, IStatefulPlugin
{
    private long _everPlayed;
    private int _round;
    private SeededRandom _random;

    public SeatRange Seats => new(1, options.MaximumSeats);

    public ValueTask<EnvironmentStep> ResetAsync(int seats, ulong seed, CancellationToken cancellationToken)
    {
        _random = new(seed);
        _round = 0;
        return ValueTask.FromResult(new EnvironmentStep([.. Enumerable.Range(0, seats).Select(_ => new SeatStep { Observation = Ask() })]));
    }

    public ValueTask<EnvironmentStep> StepAsync(IReadOnlyList<string?> actions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actions);
        _everPlayed++;
        var over = ++_round == options.Rounds;
        var luck = _random.NextDouble();
        var seats = actions.Select(action => new SeatStep
        {
            Observation = over ? null : Ask(),
            Reward = (action == "a" ? luck : 0.5) + (_everPlayed % 7 * 0.01),
            Terminated = over,
            Cooperation = action == "a" ? 1 : 0,
        });
        return ValueTask.FromResult(new EnvironmentStep([.. seats], over ? [_random.NextInt32(actions.Count)] : []));
    }

    public JsonNode? CaptureState() => _everPlayed;

    public void RestoreState(JsonNode? state) => _everPlayed = (long)state!;

    private Observation Ask() => new($"round {_round}", "a", "b", "c");
}

/// <summary>A game without memory, under another name.</summary>
[Plugin("other-game")]
public sealed class OtherEnvironment : IEnvironment
{
    private readonly TestEnvironment _inner = new(new());

    public SeatRange Seats => _inner.Seats;

    public ValueTask<EnvironmentStep> ResetAsync(int seats, ulong seed, CancellationToken cancellationToken) => _inner.ResetAsync(seats, seed, cancellationToken);

    public ValueTask<EnvironmentStep> StepAsync(IReadOnlyList<string?> actions, CancellationToken cancellationToken) => _inner.StepAsync(actions, cancellationToken);
}
