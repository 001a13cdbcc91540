using CoreSrl.Abstractions;

namespace CoreSrl.TestPlugins.Failing;

/// <summary>Its constructor throws.</summary>
[Plugin("unborn")]
public sealed class UnbornPolicy : ICheckpointPolicy
{
    public UnbornPolicy() => throw new InvalidOperationException("no licence was found");

    public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) => SaveDecision.Skip;
}
