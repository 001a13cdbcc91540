using CoreSrl.Abstractions;

namespace CoreSrl.TestPlugins.Hanging;

/// <summary>The options of <see cref="HangingEnvironment"/>.</summary>
public sealed record HangingEnvironmentOptions
{
    /// <summary>The game of a process in which it hangs; 0 for never.</summary>
    public int InGame { get; init; }
}

/// <summary>One question; a simulator that does not come back, nor heeds that it is cancelled.</summary>
[Plugin("hanging-environment")]
public sealed class HangingEnvironment(HangingEnvironmentOptions options) : IEnvironment
{
    private int _games;

    public SeatRange Seats => new(1, 4);

    public ValueTask<EnvironmentStep> ResetAsync(int seats, ulong seed, CancellationToken cancellationToken)
    {
        _games++;
        return new(new EnvironmentStep([.. Enumerable.Repeat(new SeatStep { Observation = new("left or right? ", ["left", "right"]) }, seats)]));
    }

    public ValueTask<EnvironmentStep> StepAsync(IReadOnlyList<string?> actions, CancellationToken cancellationToken)
    {
        if (_games == options.InGame)
        {
            File.WriteAllText("hanging", "");
            Thread.Sleep(Timeout.Infinite);
        }

        return new(new EnvironmentStep([.. actions.Select(action => new SeatStep { Reward = action == "left" ? 1 : 0, Terminated = true })]));
    }
}
