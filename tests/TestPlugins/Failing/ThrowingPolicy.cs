using CoreSrl.Abstractions;

namespace CoreSrl.TestPlugins.Failing;

/// <summary>Answers neither question.</summary>
[Plugin("throwing-policy")]
public sealed class ThrowingPolicy : ICheckpointPolicy
{
    public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) =>
        throw new InvalidOperationException("no decision today");

    public IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved) =>
        throw new InvalidOperationException("nothing comes to mind");
}
