using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>What <see cref="IMetadataContributor"/> promises.</summary>
/// <param name="create">Makes a contributor, always with the same options: several for each rule.</param>
/// <param name="options">What is shown to it; the defaults unless told otherwise.</param>
public sealed class MetadataConformance(Func<IMetadataContributor> create, MetadataConformanceOptions? options = null) : Conformance
{
    private readonly MetadataConformanceOptions _options = options ?? new();

    /// <summary>All rules.</summary>
    public static IReadOnlyList<ConformanceRule> Rules { get; } =
    [
        .. ValueRules.All, .. EpisodeRules.All, .. StateRules.Of<MetadataTrial, IMetadataContributor>(Prepare),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<ConformanceRule> AllRules => Rules;

    private protected override Trial Begin(ConformanceRule rule) => new MetadataTrial(rule, create, _options);

    private static StateRun<IMetadataContributor> Prepare(MetadataTrial trial)
    {
        var run = trial.Run();
        return new(() => Task.FromResult(trial.Create()), (contributor, step) => Task.FromResult(trial.Words(contributor, run[step % run.Count])));
    }
}
