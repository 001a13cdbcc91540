using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Testing.Tests.Memories;

namespace CoreSrl.Testing.Tests.Policies;

/// <summary>Saves every tenth episode and what is better than ever; keeps the best and the newest two.</summary>
internal class GoodPolicy : ICheckpointPolicy
{
    protected const string Metric = "avg_reward";

    public virtual SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved)
    {
        if (progress.Metrics.TryGetValue(Metric, out var value) && double.IsFinite(value)
            && (MetricMode.Max.Rank(saved, Metric).FirstOrDefault() is not { } best || value > best.Metrics[Metric]))
            return SaveDecision.Save($"better than ever: {value:G5}", "best");
        return progress.Episode % 10 == 0 ? SaveDecision.Save("every 10 episodes") : SaveDecision.Skip;
    }

    public virtual IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved) =>
        [.. saved.Take(2).Concat(MetricMode.Max.Rank(saved, Metric).Take(1)).Select(checkpoint => checkpoint.Id).Distinct()];
}

/// <summary>Saves every seventh time that it is asked.</summary>
internal sealed class CountingPolicy(Memory memory) : GoodPolicy, IStatefulPlugin
{
    public override SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) =>
        memory.Next() % 7 == 0 ? SaveDecision.Save("every 7 questions") : SaveDecision.Skip;

    public JsonNode? CaptureState() => memory.CaptureState();

    public void RestoreState(JsonNode? state) => memory.RestoreState(state);
}
