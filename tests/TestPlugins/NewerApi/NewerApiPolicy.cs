using CoreSrl.Abstractions;

namespace CoreSrl.TestPlugins.NewerApi;

/// <summary>Its assembly says that it was built for a later API level than any program has.</summary>
[Plugin("newer-api")]
public sealed class NewerApiPolicy : ICheckpointPolicy
{
    public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) => SaveDecision.Skip;
}
