using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>
/// What <see cref="ICheckpointStorage"/> promises, as rules that any storage can be held to, from any test framework: call
/// <see cref="CheckAllAsync"/>, or <see cref="CheckAsync"/> for each of <see cref="Rules"/>.
/// </summary>
/// <param name="open">
/// Opens a client of the storage onto the place of that name (a folder, a prefix): a new place for each rule, empty at first, and
/// several clients onto the same one. A client that can be disposed of is, and what a rule wrote is deleted, when the rule has been checked.
/// </param>
/// <param name="options">How much is done; <see cref="StorageConformanceOptions.Quick"/> unless told otherwise.</param>
public sealed class StorageConformance(Func<string, ICheckpointStorage> open, StorageConformanceOptions? options = null)
{
    private readonly StorageConformanceOptions _options = options ?? StorageConformanceOptions.Quick;

    /// <summary>All rules.</summary>
    public static IReadOnlyList<StorageRule> Rules { get; } =
    [
        .. ObjectRules.All, .. LargeObjectRules.All, .. VisibilityRules.All, .. SourceRules.All, .. ConditionRules.All, .. KeyRules.All,
        .. ListingRules.All, .. FolderRules.All, .. DeletionRules.All, .. CancellationRules.All, .. ConcurrencyRules.All, .. ErrorRules.All,
    ];

    /// <summary>Checks all rules, one after another.</summary>
    /// <exception cref="ConformanceException">Some are not kept: all of those.</exception>
    public async Task CheckAllAsync(CancellationToken cancellationToken = default)
    {
        List<string> broken = [];
        foreach (var rule in Rules)
        {
            try
            {
                await CheckAsync(rule.Name, cancellationToken).ConfigureAwait(false);
            }
            catch (ConformanceException e)
            {
                broken.Add(e.Message);
            }
        }

        if (broken.Count > 0)
            throw new ConformanceException($"{broken.Count} of {Rules.Count} rules are not kept:\n" + string.Join('\n', broken));
    }

    /// <summary>Checks one rule.</summary>
    /// <param name="rule">Its name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ConformanceException">It is not kept.</exception>
    public async Task CheckAsync(string rule, CancellationToken cancellationToken = default)
    {
        var found = Rules.FirstOrDefault(known => known.Name == rule)
            ?? throw new ArgumentException($"There is no rule '{rule}'; there are {string.Join(", ", Rules.Select(known => known.Name))}.", nameof(rule));
        var trial = new StorageTrial(found, open, _options);
        await using (trial.ConfigureAwait(false))
            await trial.RunAsync(cancellationToken).ConfigureAwait(false);
    }
}
