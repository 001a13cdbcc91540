using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.TestPlugins.Stateful;

/// <summary>Pays the number of the game it is playing, counted from the start of the run.</summary>
[Plugin("counting")]
public sealed class CountingEnvironment : IEnvironment, IStatefulPlugin
{
    private int _games;

    public SeatRange Seats => new(1, 4);

    public ValueTask<EnvironmentStep> ResetAsync(int seats, ulong seed, CancellationToken cancellationToken)
    {
        _games++;
        var question = new SeatStep { Observation = new("left or right? ", ["left", "right"]) };
        return new(new EnvironmentStep([.. Enumerable.Repeat(question, seats)]));
    }

    public ValueTask<EnvironmentStep> StepAsync(IReadOnlyList<string?> actions, CancellationToken cancellationToken) =>
        new(new EnvironmentStep([.. actions.Select(_ => new SeatStep { Reward = _games, Terminated = true })]));

    public JsonNode? CaptureState() => _games;

    public void RestoreState(JsonNode? state) => _games = (int)state!;
}
