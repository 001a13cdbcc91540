using System.ComponentModel.DataAnnotations;
using CoreSrl.Abstractions;

namespace CoreSrl.TestPlugins.Failing;

/// <summary>The options of <see cref="FragileEnvironment"/>.</summary>
public sealed record FragileOptions
{
    /// <summary>The game of a process in which it breaks; 0 for never.</summary>
    [Range(0, 1000)]
    public int BreaksInGame { get; init; }
}

/// <summary>One question; breaks in the middle of a game, as a simulator behind a network might.</summary>
[Plugin("fragile")]
public sealed class FragileEnvironment(FragileOptions options) : IEnvironment
{
    private int _games;

    public SeatRange Seats => new(1, 4);

    public ValueTask<EnvironmentStep> ResetAsync(int seats, ulong seed, CancellationToken cancellationToken)
    {
        _games++;
        var question = new SeatStep { Observation = new("left or right? ", ["left", "right"]) };
        return new(new EnvironmentStep([.. Enumerable.Repeat(question, seats)]));
    }

    public ValueTask<EnvironmentStep> StepAsync(IReadOnlyList<string?> actions, CancellationToken cancellationToken)
    {
        if (_games == options.BreaksInGame)
            throw new IOException("the simulator hung up");
        return new(new EnvironmentStep([.. actions.Select(action => new SeatStep { Reward = action == "left" ? 1 : 0, Terminated = true })]));
    }
}
