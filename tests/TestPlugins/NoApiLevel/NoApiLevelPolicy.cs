using CoreSrl.Abstractions;

namespace CoreSrl.TestPlugins.NoApiLevel;

/// <summary>Its assembly does not say for which API level it was built.</summary>
[Plugin("no-api-level")]
public sealed class NoApiLevelPolicy : ICheckpointPolicy
{
    public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) => SaveDecision.Skip;
}
