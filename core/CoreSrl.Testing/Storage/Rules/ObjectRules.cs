using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>Small objects: written, read, replaced.</summary>
internal static class ObjectRules
{
    public static IEnumerable<Rule<StorageTrial>> All { get; } =
    [
        new("written-is-read", "What was written is read back, to the byte, through any client.", WrittenIsReadAsync),
        new("facts-agree", "Write, stat, list and read-all tell the same facts.", FactsAgreeAsync),
        new("memory-is-the-callers", "Content's memory is not changed, and not used once the write has returned.", MemoryIsTheCallersAsync),
        new("empty-objects", "An empty object is an object.", EmptyObjectsAsync),
        new("overwriting", "An object is replaced as a whole, by a shorter one too, and gets another tag.", OverwritingAsync),
        new("range-reads", "Any range is read; one that reaches beyond the end is refused.", RangeReadsAsync),
        new("read-all", "Read-all gives facts and bytes of an object, and null where there is none.", ReadAllAsync),
    ];

    private static async Task WrittenIsReadAsync(StorageTrial trial)
    {
        var other = trial.Open();
        foreach (var length in new[] { 1, 2, 255, 4_096, 100_000 + trial.Random.Next(1_000), (1 << 20) + 1 })
        {
            var content = new Pattern((ulong)trial.Random.NextInt64()).Bytes(length);
            await trial.Storage.WriteAsync($"length/{length}", Segments.Cut(content, trial.Random), WriteCondition.Always, default).ConfigureAwait(false);
            var found = await other.GetAsync($"length/{length}").ConfigureAwait(false);
            trial.Expect(found is not null, $"an object of {length} bytes to be there once written", "another client found none");
            trial.ExpectSame(length, found!.Length, $"the length of an object of {length} bytes");
            var difference = found.AsSpan().CommonPrefixLength(content);
            trial.Expect(difference == length, $"the {length} bytes that were written in pieces", $"they differ from byte {difference} on");
        }
    }

    private static async Task FactsAgreeAsync(StorageTrial trial)
    {
        var written = await trial.Storage.PutAsync("folder/object", "some text").ConfigureAwait(false);
        trial.ExpectSame("folder/object", written.Key, "the key that a write tells");
        trial.ExpectSame(9L, written.Length, "the length that a write tells");
        trial.Expect(written.ETag.Length > 0, "a tag from a write", "it was empty");
        var other = trial.Open();
        SameFacts(written, await other.StatAsync("folder/object", default).ConfigureAwait(false), "stat");
        SameFacts(written, (await other.ListedAsync("").ConfigureAwait(false)).SingleOrDefault(), "list");
        SameFacts(written, (await other.ReadAllAsync("folder/object", default).ConfigureAwait(false))?.Info, "read-all");
        var conditional = await trial.Storage.PutAsync("folder/object", "other text", WriteCondition.IfUnchanged(written.ETag)).ConfigureAwait(false);
        SameFacts(conditional, await other.StatAsync("folder/object", default).ConfigureAwait(false), "stat");
        trial.Expect(conditional.Modified >= written.Modified.AddSeconds(-1), "a later write to be dated later", $"{conditional.Modified:O} came after {written.Modified:O}");

        void SameFacts(ObjectInfo told, ObjectInfo? found, string verb)
        {
            trial.Expect(found is not null, $"{verb} to find '{told.Key}'", "it found nothing");
            trial.ExpectSame((told.Key, told.Length, told.ETag), (found!.Key, found.Length, found.ETag), $"what {verb} tells of '{told.Key}'");
            // Some stores date an object to the second in one answer and to the millisecond in another.
            trial.Expect((found.Modified - told.Modified).Duration() <= TimeSpan.FromSeconds(2), $"{verb} to tell the time that the write told, {told.Modified:O}", $"it told {found.Modified:O}");
        }
    }

    private static async Task MemoryIsTheCallersAsync(StorageTrial trial)
    {
        var pattern = new Pattern((ulong)trial.Random.NextInt64());
        var memory = pattern.Bytes(200_000);
        await trial.Storage.PutAsync("object", memory).ConfigureAwait(false);
        trial.Expect(pattern.FirstDifference(0, memory) < 0, "the content's memory to be left as it was", "the write changed it");
        memory.AsSpan().Clear();
        var found = await trial.Storage.GetAsync("object").ConfigureAwait(false);
        trial.Expect(
            found is not null && pattern.FirstDifference(0, found) < 0,
            "an object to keep its bytes when the caller reuses the memory that they came from", "it changed with that memory");
    }

    private static async Task EmptyObjectsAsync(StorageTrial trial)
    {
        trial.ExpectSame(0L, (await trial.Storage.PutAsync("empty", "").ConfigureAwait(false)).Length, "the length that the write of an empty object tells");
        trial.ExpectSame(0L, (await trial.Storage.StatAsync("empty", default).ConfigureAwait(false))?.Length, "the length of an empty object");
        await trial.Storage.ReadAsync("empty", 0, Memory<byte>.Empty, default).ConfigureAwait(false);
        trial.ExpectSame(0, (await trial.Storage.ReadAllAsync("empty", default).ConfigureAwait(false))?.Content.Length, "what is read of an empty object");
        trial.ExpectList(["empty"], await trial.Storage.KeysAsync().ConfigureAwait(false), "a listing with an empty object");
        await trial.FailsAsync(StorageErrorKind.Permanent, "reading a byte of an empty object", () => trial.Storage.ReadAsync("empty", 0, new byte[1], default)).ConfigureAwait(false);
        await trial.FailsAsync(
            StorageErrorKind.PreconditionFailed, "writing over an empty object only if absent",
            async () => await trial.Storage.PutAsync("empty", "", WriteCondition.IfAbsent).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static async Task OverwritingAsync(StorageTrial trial)
    {
        HashSet<string> tags = [];
        foreach (var length in new[] { 100_000, 10, 0, 5_000, 10 })
        {
            var content = new Pattern((ulong)trial.Random.NextInt64()).Bytes(length);
            var written = await trial.Storage.PutAsync("object", content).ConfigureAwait(false);
            trial.Expect(tags.Add(written.ETag), "another tag for another content", $"the tag {written.ETag} came again");
            var found = await trial.Storage.GetAsync("object").ConfigureAwait(false);
            trial.Expect(found.AsSpan().SequenceEqual(content), $"the {length} bytes of the last write", $"{found?.Length} bytes were there, not the same");
        }

        trial.ExpectSame(1, (await trial.Storage.KeysAsync().ConfigureAwait(false)).Count, "how many objects are listed after one was written five times");
    }

    private static async Task RangeReadsAsync(StorageTrial trial)
    {
        var length = 300_000 + trial.Random.Next(1_000);
        var pattern = new Pattern((ulong)trial.Random.NextInt64());
        await trial.Storage.PutAsync("object", pattern.Bytes(length)).ConfigureAwait(false);
        List<(int Offset, int Count)> ranges = [(0, length), (0, 1), (length - 1, 1), (length, 0), (0, 0), (1, length - 1)];
        for (var i = 0; i < 30; i++)
        {
            var offset = trial.Random.Next(length);
            ranges.Add((offset, trial.Random.Next(1, Math.Min(50_000, length - offset) + 1)));
        }

        foreach (var (offset, count) in ranges)
        {
            var memory = new byte[count + 2]; // A byte on either side must stay as it is.
            await trial.Storage.ReadAsync("object", offset, memory.AsMemory(1, count), default).ConfigureAwait(false);
            var difference = pattern.FirstDifference(offset, memory.AsSpan(1, count));
            trial.Expect(difference < 0, $"bytes {offset} to {offset + count} of an object", $"byte {difference} was another");
            trial.Expect(memory[0] == 0 && memory[^1] == 0, "a read to fill its destination", "it wrote beside it");
        }

        foreach (var (offset, count) in new[] { (length - 10L, 11), (length, 1), (length + 100L, 10), (1L << 33, 1), (long.MaxValue - 5, 5) })
            await trial.FailsAsync(StorageErrorKind.Permanent, $"reading {count} bytes from byte {offset} on of {length}", () => trial.Storage.ReadAsync("object", offset, new byte[count], default)).ConfigureAwait(false);
        await trial.FailsAsync(StorageErrorKind.NotFound, "reading what is not there", () => trial.Storage.ReadAsync("none", 0, new byte[1], default)).ConfigureAwait(false);
        await trial.FailsAsync(StorageErrorKind.NotFound, "reading no bytes of what is not there", () => trial.Storage.ReadAsync("none", 0, Memory<byte>.Empty, default)).ConfigureAwait(false);
    }

    private static async Task ReadAllAsync(StorageTrial trial)
    {
        foreach (var length in new[] { 0, 1, 100_000 })
        {
            var content = new Pattern((ulong)trial.Random.NextInt64()).Bytes(length);
            var written = await trial.Storage.PutAsync("a/b", content).ConfigureAwait(false);
            var found = await trial.Storage.ReadAllAsync("a/b", default).ConfigureAwait(false);
            trial.ExpectSame(written.ETag, found?.Info.ETag, "the tag that read-all tells");
            trial.Expect(found!.Content.Span.SequenceEqual(content), $"the {length} bytes that were written", $"read-all gave {found.Content.Length} others");
        }

        foreach (var key in new[] { "none", "a", "a/c", "a/b/c", "b/a" })
            trial.Expect(await trial.Storage.ReadAllAsync(key, default).ConfigureAwait(false) is null, $"read-all to find nothing at '{key}'", "it found something");
    }
}
