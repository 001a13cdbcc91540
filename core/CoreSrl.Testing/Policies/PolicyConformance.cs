using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>What <see cref="ICheckpointPolicy"/> promises.</summary>
/// <param name="create">Makes a policy, always with the same options: several for each rule.</param>
/// <param name="options">What is shown to it; the defaults unless told otherwise.</param>
public sealed class PolicyConformance(Func<ICheckpointPolicy> create, PolicyConformanceOptions? options = null) : Conformance
{
    private readonly PolicyConformanceOptions _options = options ?? new();

    /// <summary>All rules.</summary>
    public static IReadOnlyList<ConformanceRule> Rules { get; } =
    [
        .. PurityRules.All, .. AnswerRules.All, .. SituationRules.All, .. StateRules.Of<PolicyTrial, ICheckpointPolicy>(Prepare),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<ConformanceRule> AllRules => Rules;

    private protected override Trial Begin(ConformanceRule rule) => new PolicyTrial(rule, create, _options);

    private static StateRun<ICheckpointPolicy> Prepare(PolicyTrial trial)
    {
        var run = trial.Run();
        return new(
            () => Task.FromResult(trial.Create()),
            (policy, step) => Task.FromResult($"{policy.Decision(run[step % run.Count])}, {policy.Kept(run[step % run.Count].Saved)}"));
    }
}
