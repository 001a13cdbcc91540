using CoreSrl.Abstractions;
using Nito.Collections;

namespace CoreSrl.TestPlugins.Incomplete;

/// <summary>Its folder is not complete.</summary>
[Plugin("incomplete-policy")]
public sealed class IncompletePolicy : ICheckpointPolicy
{
    private readonly Deque<long> _recent = [];

    public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved)
    {
        ArgumentNullException.ThrowIfNull(progress);
        _recent.AddToBack(progress.Episode);
        return SaveDecision.Skip;
    }
}
