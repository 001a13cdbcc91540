using CoreSrl.Abstractions;

namespace CoreSrl.Storage.Tests.Conformance.Broken;

/// <summary>For each rule of the suite a storage that breaks it, as a real one might.</summary>
internal static class BrokenStorages
{
    public static IReadOnlyDictionary<string, Func<ICheckpointStorage, ICheckpointStorage>> ByRule { get; } = new Dictionary<string, Func<ICheckpointStorage, ICheckpointStorage>>
    {
        ["written-is-read"] = inner => new FirstSegmentOnly(inner),
        ["facts-agree"] = inner => new OtherTagInListings(inner),
        ["memory-is-the-callers"] = inner => new KeptReference(inner),
        ["empty-objects"] = inner => new EmptyIsNothing(inner),
        ["overwriting"] = inner => new OldTail(inner),
        ["range-reads"] = inner => new ShortRead(inner),
        ["read-all"] = inner => new ReadAllThrows(inner),
        ["large-from-memory"] = inner => new LostPart(inner),
        ["large-from-a-source"] = inner => new LostPartOfASource(inner),
        ["limits-are-kept"] = inner => new ReadFirstCheckLater(inner),
        ["appearing-at-once"] = inner => new Placeholder(inner),
        ["replaced-at-once"] = inner => new DeletedFirst(inner),
        ["read-all-of-one-version"] = inner => new FactsThenBytes(inner),
        ["reads-of-one-version"] = inner => new RangeByRange(inner),
        ["sources-are-written"] = inner => new WholeBlocks(inner),
        ["a-sources-error-passes"] = inner => new TranslatedSource(inner),
        ["if-absent"] = inner => new Unconditional(inner, condition => condition.MustBeAbsent),
        ["if-unchanged"] = inner => new Unconditional(inner, condition => condition.ETag is not null),
        ["conditions-of-sources"] = inner => new UnconditionalSource(inner),
        ["conditions-of-large-objects"] = inner => new Unconditional(inner, _ => true, 16 << 20),
        ["if-absent-race"] = inner => new LookThenWrite(inner),
        ["if-unchanged-race"] = inner => new LookThenWrite(inner),
        ["large-if-absent-race"] = inner => new LookThenWrite(inner, 16 << 20),
        ["counting"] = inner => new LookThenWrite(inner),
        ["hostile-keys"] = inner => new TrimmedKeys(inner),
        ["unusual-keys"] = inner => new UnescapedKeys(inner),
        ["long-keys"] = inner => new CutKeys(inner),
        ["neighbours"] = inner => new DeletesByPrefix(inner),
        ["listing-order"] = inner => new OrderOfBytes(inner),
        ["listing-prefix"] = inner => new PrefixOfNames(inner),
        ["listing-pages"] = inner => new FirstPageOnly(inner),
        ["listing-while-changing"] = inner => new PagesByNumber(inner),
        ["folders"] = inner => new FoldersByName(inner),
        ["folders-of-nothing"] = inner => new ObjectsAsFolders(inner),
        ["deleted-is-gone"] = inner => new CachedStat(inner),
        ["deleting-nothing"] = inner => new DeleteMustFind(inner),
        ["deleting-together"] = inner => new DeleteRace(inner),
        ["cancelled-before"] = inner => new DeafToCancellation(inner),
        ["cancelled-source"] = inner => new KeepsWhatItGot(inner),
        ["cancelled-transfer"] = inner => new KeepsHalf(inner),
        ["cancelled-listing"] = inner => new OneListingAtATime(inner),
        ["many-at-once"] = inner => new SharedKey(inner),
        ["one-key-at-once"] = inner => new TwoHalves(inner),
        ["random-calls"] = inner => new CachedReads(inner),
        ["errors-say-what-and-where"] = inner => new SilentErrors(inner),
        ["an-empty-place"] = inner => new NothingIsAnError(inner),
        ["says-where-it-is"] = inner => new LocationWithSlash(inner),
    };
}
