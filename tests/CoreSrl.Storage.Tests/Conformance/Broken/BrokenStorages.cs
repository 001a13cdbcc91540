using CoreSrl.Abstractions;

namespace CoreSrl.Storage.Tests.Conformance.Broken;

/// <summary>For each rule of the suite a storage that breaks just it, as a real one might.</summary>
internal static class BrokenStorages
{
    public static IReadOnlyDictionary<string, Func<ICheckpointStorage, ICheckpointStorage>> ByRule { get; } = new Dictionary<string, Func<ICheckpointStorage, ICheckpointStorage>>
    {
        ["written-is-read"] = inner => new FirstSegmentOnly(inner),
        ["facts-agree"] = inner => new LocalTimeInListings(inner),
        ["memory-is-the-callers"] = inner => new KeptReference(inner),
        ["empty-objects"] = inner => new EmptyIsNotListed(inner),
        ["overwriting"] = inner => new OldTail(inner),
        ["range-reads"] = inner => new ShortOffset(inner),
        ["read-all"] = inner => new ReadsFolders(inner),
        ["large-from-memory"] = inner => new LostPart(inner),
        ["large-from-a-source"] = inner => new LostPartOfASource(inner),
        ["limits-are-kept"] = inner => new ReadFirstCheckLater(inner),
        ["appearing-at-once"] = inner => new Placeholder(inner),
        ["replaced-at-once"] = inner => new LockedWhileReplaced(inner),
        ["read-all-of-one-version"] = inner => new FactsThenBytes(inner),
        ["reads-of-one-version"] = inner => new RangeByRange(inner),
        ["sources-are-written"] = inner => new WholeBlocks(inner),
        ["a-sources-error-passes"] = inner => new TranslatedSource(inner),
        ["if-absent"] = inner => new ReadsGravestones(inner),
        ["if-unchanged"] = inner => new KnowsItsFirst(inner),
        ["conditions-of-sources"] = inner => new UnconditionalSource(inner),
        ["conditions-of-large-objects"] = inner => new UnconditionalParts(inner),
        ["if-absent-race"] = inner => new LooksForSmallOnes(inner),
        ["if-unchanged-race"] = inner => new LooksWhenBusy(inner),
        ["large-if-absent-race"] = inner => new LooksForLargeOnes(inner),
        ["counting"] = inner => new LooksAtWhatItRead(inner),
        ["hostile-keys"] = inner => new TrimmedKeys(inner),
        ["unusual-keys"] = inner => new UnescapedKeys(inner),
        ["long-keys"] = inner => new CutKeys(inner),
        ["neighbours"] = inner => new DeletesByPrefix(inner),
        ["listing-order"] = inner => new OrderOfFolders(inner),
        ["listing-prefix"] = inner => new AnyPrefix(inner),
        ["listing-pages"] = inner => new FirstPageOnly(inner),
        ["listing-while-changing"] = inner => new PagesByNumber(inner),
        ["folders"] = inner => new FoldersByName(inner),
        ["folders-of-nothing"] = inner => new FoldersOfAnyPrefix(inner),
        ["deleted-is-gone"] = inner => new Trash(inner),
        ["deleting-nothing"] = inner => new DeletesInFolders(inner),
        ["deleting-together"] = inner => new DeleteRace(inner),
        ["cancelled-before"] = inner => new DeafToCancellation(inner),
        ["cancelled-source"] = inner => new KeepsWhatItGot(inner),
        ["cancelled-transfer"] = inner => new KeepsHalf(inner),
        ["cancelled-listing"] = inner => new OneListingAtATime(inner),
        ["many-at-once"] = inner => new SharedKey(inner),
        ["one-key-at-once"] = inner => new TwoHalves(inner),
        ["random-calls"] = inner => new CachedListings(inner),
        ["errors-say-what-and-where"] = inner => new SilentErrors(inner),
        ["an-empty-place"] = inner => new NoPlaceIsAnError(inner),
        ["says-where-it-is"] = inner => new LocationWithSlash(inner),
    };
}
