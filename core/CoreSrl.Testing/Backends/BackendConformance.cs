using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>What <see cref="IModelBackend"/> and the models that it creates promise.</summary>
/// <param name="create">Makes a backend, always with the same options: several for each rule.</param>
/// <param name="options">What its models are asked; the defaults unless told otherwise.</param>
public sealed class BackendConformance(Func<IModelBackend> create, BackendConformanceOptions? options = null) : Conformance
{
    private readonly BackendConformanceOptions _options = options ?? new();

    /// <summary>All rules.</summary>
    public static IReadOnlyList<ConformanceRule> Rules { get; } =
    [
        .. CreationRules.All, .. ActingRules.All, .. LearningRules.All, .. RestoringRules.All, .. WindowRules.All, .. TogetherRules.All, .. LeakRules.All,
        .. GradientRules.All, .. ChatRules.All, .. MemoryRules.All,
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<ConformanceRule> AllRules => Rules;

    private protected override Trial Begin(ConformanceRule rule) => new BackendTrial(rule, create, _options);
}
