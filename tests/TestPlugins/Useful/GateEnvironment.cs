using CoreSrl.Abstractions;

namespace CoreSrl.TestPlugins.Useful;

/// <summary>The options of <see cref="GateEnvironment"/>.</summary>
public sealed record GateOptions
{
    /// <summary>The episodes that wait to be let in.</summary>
    public IReadOnlyList<int> Episodes { get; init; } = [];
}

/// <summary>One question, and before some episodes a gate: the file <c>waiting-3</c> says that episode 3 stands before it, the file
/// <c>go-3</c> opens it.</summary>
[Plugin("gate")]
public sealed class GateEnvironment(GateOptions options) : IEnvironment
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(5);

    private int _episode;

    public SeatRange Seats => new(1, 4);

    public async ValueTask<EnvironmentStep> ResetAsync(int seats, ulong seed, CancellationToken cancellationToken)
    {
        if (options.Episodes.Contains(++_episode))
        {
            await File.WriteAllTextAsync($"waiting-{_episode}", "", cancellationToken);
            while (!File.Exists($"go-{_episode}"))
                await Task.Delay(LookEvery, cancellationToken);
        }

        return new([.. Enumerable.Repeat(new SeatStep { Observation = new("left or right? ", ["left", "right"]) }, seats)]);
    }

    public ValueTask<EnvironmentStep> StepAsync(IReadOnlyList<string?> actions, CancellationToken cancellationToken) =>
        new(new EnvironmentStep([.. actions.Select(action => new SeatStep { Reward = action == "left" ? 1 : 0, Terminated = true })]));
}
