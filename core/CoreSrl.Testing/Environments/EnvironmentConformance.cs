using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>What <see cref="IEnvironment"/> promises.</summary>
/// <param name="create">Makes an environment, always with the same options: several for each rule.</param>
/// <param name="options">How it is played; the defaults unless told otherwise.</param>
public sealed class EnvironmentConformance(Func<IEnvironment> create, EnvironmentConformanceOptions? options = null) : Conformance
{
    private readonly EnvironmentConformanceOptions _options = options ?? new();

    /// <summary>All rules.</summary>
    public static IReadOnlyList<ConformanceRule> Rules { get; } =
    [
        .. ShownRules.All, .. EndRules.All, .. SeedRules.All, .. StateRules.Of<EnvironmentTrial, IEnvironment>(Prepare),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<ConformanceRule> AllRules => Rules;

    private protected override Trial Begin(ConformanceRule rule) => new EnvironmentTrial(rule, create, _options);

    private static StateRun<IEnvironment> Prepare(EnvironmentTrial trial)
    {
        var (seats, seed) = (trial.SeatCounts(trial.Create())[0], trial.Seed());
        return new(
            () => Task.FromResult(trial.Create()),
            async (environment, step) => string.Join(" / ", (await trial.PlayAsync(environment, seats, seed + (ulong)step).ConfigureAwait(false)).Words()));
    }
}
