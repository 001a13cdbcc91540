using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints.Policies;

/// <summary>Policies that answer as one: what they keep together, and what they remember.</summary>
internal sealed class PolicyMembers
{
    private readonly IReadOnlyList<ICheckpointPolicy> _policies;

    public PolicyMembers(IReadOnlyList<ICheckpointPolicy> policies)
    {
        ArgumentNullException.ThrowIfNull(policies);
        if (policies.Count == 0)
            throw new ArgumentException("At least one policy is required.", nameof(policies));
        _policies = policies;
    }

    public bool KeepOnly => _policies.All(NeverSaves);

    /// <summary>Whether a policy never wants to save, whatever happens: it only says what stays, or asks none but such.</summary>
    public static bool NeverSaves(ICheckpointPolicy policy) => policy is IKeepOnly or AnyOfPolicy { KeepsOnly: true };

    public IReadOnlyList<SaveDecision> Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) =>
        [.. _policies.Select(policy => policy.Decide(progress, saved))];

    /// <summary>Whatever one of them keeps: nothing that a policy says it keeps is removed.</summary>
    public IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved) => _policies.SelectMany(policy => policy.Keep(saved)).Distinct();

    public JsonNode? CaptureState() => _policies.Any(policy => policy is IStatefulPlugin)
        ? new JsonArray([.. _policies.Select(policy => (policy as IStatefulPlugin)?.CaptureState())])
        : null;

    public void RestoreState(JsonNode? state)
    {
        for (var index = 0; index < _policies.Count; index++)
            (_policies[index] as IStatefulPlugin)?.RestoreState(state is JsonArray states && index < states.Count ? states[index]?.DeepClone() : null);
    }

    /// <summary>The yes of several: all their reasons and tags.</summary>
    public static SaveDecision Join(IEnumerable<SaveDecision> yes, string between)
    {
        var decisions = yes.ToList();
        return SaveDecision.Save(string.Join(between, decisions.Select(decision => decision.Reason)), [.. decisions.SelectMany(decision => decision.Tags).Distinct()]);
    }
}
