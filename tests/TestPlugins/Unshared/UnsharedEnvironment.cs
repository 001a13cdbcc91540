using System.Runtime.CompilerServices;
using CoreSrl.Abstractions;
using Nito.Collections;

namespace CoreSrl.TestPlugins.Unshared;

/// <summary>One question; needs what is missing in its third game.</summary>
[Plugin("unshared-environment")]
public sealed class UnsharedEnvironment : IEnvironment
{
    private int _games;

    public SeatRange Seats => new(1, 4);

    public ValueTask<EnvironmentStep> ResetAsync(int seats, ulong seed, CancellationToken cancellationToken)
    {
        _games++;
        return new(new EnvironmentStep([.. Enumerable.Repeat(new SeatStep { Observation = new("left or right? ", ["left", "right"]) }, seats)]));
    }

    public ValueTask<EnvironmentStep> StepAsync(IReadOnlyList<string?> actions, CancellationToken cancellationToken) =>
        new(new EnvironmentStep([.. actions.Select(action => new SeatStep { Reward = _games == 3 ? FromDeque() : 0, Terminated = true })]));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double FromDeque() => new Deque<double>([1.0]).RemoveFromFront();
}
