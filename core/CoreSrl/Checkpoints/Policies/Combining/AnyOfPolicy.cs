using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints.Policies;

/// <summary>Saves when any of its policies wants to; keeps whatever one of them keeps.</summary>
/// <remarks>A policy that throws makes the whole answer fail, which the engine reports and takes as no.</remarks>
/// <param name="policies">The policies; in a configuration the list <c>Policies</c>.</param>
[Plugin("any-of", Description = "Saves when any of its policies wants to.")]
public sealed class AnyOfPolicy(IReadOnlyList<ICheckpointPolicy> policies) : ICheckpointPolicy, IStatefulPlugin
{
    private readonly PolicyMembers _members = new(policies);

    /// <summary>Whether each of its policies only says what stays.</summary>
    internal bool KeepsOnly => _members.KeepOnly;

    /// <inheritdoc/>
    public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved)
    {
        var yes = _members.Decide(progress, saved).Where(decision => decision.ShouldSave).ToList();
        return yes.Count > 0 ? PolicyMembers.Join(yes, ", ") : SaveDecision.Skip;
    }

    /// <inheritdoc/>
    public IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved) => _members.Keep(saved);

    /// <inheritdoc/>
    public JsonNode? CaptureState() => _members.CaptureState();

    /// <inheritdoc/>
    public void RestoreState(JsonNode? state) => _members.RestoreState(state);
}
