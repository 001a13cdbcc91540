using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints.Policies;

/// <summary>Saves when all of its policies want to; keeps whatever one of them keeps.</summary>
/// <remarks>A policy that throws makes the whole answer fail, which the engine reports and takes as no.</remarks>
[Plugin("all-of", Description = "Saves when all of its policies want to.")]
public sealed class AllOfPolicy : ICheckpointPolicy, IStatefulPlugin
{
    private readonly PolicyMembers _members;

    /// <summary>All of some policies.</summary>
    /// <param name="policies">The policies; in a configuration the list <c>Policies</c>.</param>
    /// <exception cref="ArgumentException">There is none, or one that never wants to save.</exception>
    public AllOfPolicy(IReadOnlyList<ICheckpointPolicy> policies)
    {
        _members = new(policies);
        if (policies.FirstOrDefault(PolicyMembers.NeverSaves) is { } keeper)
            throw new ArgumentException($"{keeper.GetType().Name} only says what stays and never wants to save, so all-of would never save. Put it beside all-of.", nameof(policies));
    }

    /// <inheritdoc/>
    public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved)
    {
        var decisions = _members.Decide(progress, saved);
        return decisions.All(decision => decision.ShouldSave) ? PolicyMembers.Join(decisions, " and ") : SaveDecision.Skip;
    }

    /// <inheritdoc/>
    public IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved) => _members.Keep(saved);

    /// <inheritdoc/>
    public JsonNode? CaptureState() => _members.CaptureState();

    /// <inheritdoc/>
    public void RestoreState(JsonNode? state) => _members.RestoreState(state);
}
