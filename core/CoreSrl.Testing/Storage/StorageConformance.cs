using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>What <see cref="ICheckpointStorage"/> promises.</summary>
/// <param name="open">
/// Opens a client of the storage onto the place of that name (a folder, a prefix): a new place for each rule, empty at first, and
/// several clients onto the same one. A client that can be disposed of is, and what a rule wrote is deleted, when the rule has been checked.
/// </param>
/// <param name="options">How much is done; <see cref="StorageConformanceOptions.Quick"/> unless told otherwise.</param>
public sealed class StorageConformance(Func<string, ICheckpointStorage> open, StorageConformanceOptions? options = null) : Conformance
{
    private readonly StorageConformanceOptions _options = options ?? StorageConformanceOptions.Quick;

    /// <summary>All rules.</summary>
    public static IReadOnlyList<ConformanceRule> Rules { get; } =
    [
        .. ObjectRules.All, .. LargeObjectRules.All, .. VisibilityRules.All, .. SourceRules.All, .. ConditionRules.All, .. KeyRules.All,
        .. ListingRules.All, .. FolderRules.All, .. DeletionRules.All, .. CancellationRules.All, .. ConcurrencyRules.All, .. ErrorRules.All,
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<ConformanceRule> AllRules => Rules;

    private protected override Trial Begin(ConformanceRule rule) => new StorageTrial(rule, open, _options);
}
