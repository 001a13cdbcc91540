using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>Objects of more than one piece, up to gigabytes: what is written in parts and read in ranges.</summary>
internal static class LargeObjectRules
{
    // A prime, so that no storage's parts begin where a block does.
    private const int BlockLength = 1_048_573;

    private const int ReadLength = 9_999_991;

    public static IEnumerable<Rule<StorageTrial>> All { get; } =
    [
        new("large-from-memory", "A large object is written from memory and read back whole.", FromMemoryAsync),
        new("large-from-a-source", "A large object is written from a source and read back whole.", FromASourceAsync),
        new("limits-are-kept", "An object larger than the storage says that it takes, on a condition or without, is refused before anything is read.", LimitsAreKeptAsync),
    ];

    private static async Task FromMemoryAsync(StorageTrial trial)
    {
        var length = Math.Min(trial.Options.LargeLength, trial.Storage.Capabilities.MaxObjectLength);
        var block = new Pattern((ulong)trial.Random.NextInt64()).Bytes(BlockLength);
        var written = await trial.Storage.WriteAsync("large", Segments.Repeated(block, length), WriteCondition.Always, default).ConfigureAwait(false);
        trial.ExpectSame(length, written.Length, "the length that the write tells");
        await ReadBackAsync(trial, length, (offset, found) =>
        {
            for (var done = 0; done < found.Length;)
            {
                var within = (int)((offset + done) % BlockLength);
                var piece = found[done..Math.Min(found.Length, done + BlockLength - within)];
                var same = piece.CommonPrefixLength(block.AsSpan(within, piece.Length));
                if (same < piece.Length)
                    return offset + done + same;
                done += piece.Length;
            }

            return -1;
        }).ConfigureAwait(false);
    }

    private static async Task FromASourceAsync(StorageTrial trial)
    {
        var length = Math.Min(trial.Options.LargeLength, trial.Storage.Capabilities.MaxObjectLength);
        var pattern = new Pattern((ulong)trial.Random.NextInt64());
        var source = new PatternSource(pattern, length);
        var written = await trial.Storage.WriteFromAsync("large", source, WriteCondition.Always, default).ConfigureAwait(false);
        trial.ExpectSame(length, written.Length, "the length that the write tells");
        trial.Expect(source.Misuse is null, "no read beyond the source's end", $"{source.Misuse}");
        await ReadBackAsync(trial, length, pattern.FirstDifference).ConfigureAwait(false);
    }

    private static async Task LimitsAreKeptAsync(StorageTrial trial)
    {
        var limits = trial.Storage.Capabilities;
        trial.Expect(limits is { MaxObjectLength: > 0, MaxConditionalLength: > 0 }, "limits above zero", $"there were {limits}");
        if (limits.MaxObjectLength < long.MaxValue)
            await RefusedAsync(limits.MaxObjectLength + 1, WriteCondition.Always).ConfigureAwait(false);
        if (limits.MaxConditionalLength < long.MaxValue)
            await RefusedAsync(limits.MaxConditionalLength + 1, WriteCondition.IfAbsent).ConfigureAwait(false);
        trial.ExpectList([], await trial.Storage.KeysAsync().ConfigureAwait(false), "nothing after refused writes");

        async Task RefusedAsync(long length, WriteCondition condition)
        {
            var source = new PatternSource(default, length) { Before = (_, _) => throw new InvalidOperationException("It was read.") };
            await trial.FailsAsync(
                StorageErrorKind.Permanent, $"writing {length} bytes {(condition == WriteCondition.Always ? "" : "on a condition")}",
                async () => await trial.Storage.WriteFromAsync("large", source, condition, default).ConfigureAwait(false)).ConfigureAwait(false);
        }
    }

    private delegate long Difference(long offset, ReadOnlySpan<byte> found);

    private static async Task ReadBackAsync(StorageTrial trial, long length, Difference difference)
    {
        var other = trial.Open();
        trial.ExpectSame(length, (await other.StatAsync("large", default).ConfigureAwait(false))?.Length, "the length of a large object");
        var offsets = Enumerable.Range(0, (int)((length / ReadLength) + 1)).Select(i => (long)i * ReadLength);
        await Parallel.ForEachAsync(offsets, new ParallelOptions { MaxDegreeOfParallelism = 3 }, async (offset, _) =>
        {
            var found = new byte[Math.Min(ReadLength, length - offset)];
            await other.ReadAsync("large", offset, found, default).ConfigureAwait(false);
            var at = difference(offset, found);
            trial.Expect(at < 0, $"the {length} bytes that were written", $"byte {at} was another");
        }).ConfigureAwait(false);
        await trial.FailsAsync(StorageErrorKind.Permanent, "reading beyond a large object's end", () => other.ReadAsync("large", length - 1, new byte[2], default)).ConfigureAwait(false);
        if (length <= Array.MaxLength)
        {
            var whole = await other.ReadAllAsync("large", default).ConfigureAwait(false);
            trial.Expect(whole is not null && whole.Content.Length == length && difference(0, whole.Content.Span) < 0, "read-all to give a large object's bytes", "it gave others");
        }
        else
        {
            await trial.FailsAsync(StorageErrorKind.Permanent, "reading as a whole what no array can hold", async () => await other.ReadAllAsync("large", default).ConfigureAwait(false)).ConfigureAwait(false);
        }
    }
}
