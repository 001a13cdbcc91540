using CoreSrl.Abstractions;

namespace CoreSrl.TestPlugins.OlderApi;

/// <summary>Its assembly says that it was built for an API level that no program supports any more.</summary>
[Plugin("older-api")]
public sealed class OlderApiPolicy : ICheckpointPolicy
{
    public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) => SaveDecision.Skip;
}
