using CoreSrl.Abstractions;
using Nito.Collections;

namespace CoreSrl.TestPlugins.Unshared;

/// <summary>Needs what is missing at once.</summary>
[Plugin("unshared-policy")]
public sealed class UnsharedPolicy : ICheckpointPolicy
{
    private readonly Deque<long> _recent = [];

    public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved)
    {
        ArgumentNullException.ThrowIfNull(progress);
        _recent.AddToBack(progress.Episode);
        return SaveDecision.Skip;
    }
}
