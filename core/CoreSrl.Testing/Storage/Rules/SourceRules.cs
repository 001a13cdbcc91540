using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>Writing from a source.</summary>
internal static class SourceRules
{
    public static IEnumerable<Rule<StorageTrial>> All { get; } =
    [
        new("sources-are-written", "A source's bytes become the object, whatever their number, and none beyond its end is asked for.", SourcesAreWrittenAsync),
        new("a-sources-error-passes", "What a source throws passes unchanged, and nothing is written.", ASourcesErrorPassesAsync),
    ];

    private static async Task SourcesAreWrittenAsync(StorageTrial trial)
    {
        foreach (var length in new[] { 0, 1, Several(trial) / 6, (Several(trial) / 2) + 1 })
        {
            var pattern = new Pattern((ulong)trial.Random.NextInt64());
            var source = new PatternSource(pattern, length);
            var written = await trial.Storage.WriteFromAsync("a/b", source, WriteCondition.Always, default).ConfigureAwait(false);
            trial.Expect(source.Misuse is null, "no read beyond the source's end", $"{source.Misuse}");
            trial.ExpectSame((length, "a/b"), (written.Length, written.Key), "what the write tells");
            trial.ExpectSame(written.ETag, (await trial.Storage.StatAsync("a/b", default).ConfigureAwait(false))?.ETag, "the tag");
            var found = await trial.Storage.GetAsync("a/b").ConfigureAwait(false);
            trial.Expect(found?.Length == length && pattern.FirstDifference(0, found) < 0, $"the source's {length} bytes", $"{found?.Length} bytes were there, not the same");
        }
    }

    private static async Task ASourcesErrorPassesAsync(StorageTrial trial)
    {
        var old = await trial.Storage.PutAsync("old", "what was there before").ConfigureAwait(false);
        Exception[] errors =
        [
            new IOException("the source's disk is gone"),
            new UnauthorizedAccessException("the source is not for you"),
            new StorageException(StorageErrorKind.Transient, "source", "the source's server is busy"),
            new InvalidDataException("the source is damaged"),
            new TimeoutException("the source is slow"),
        ];
        foreach (var error in errors)
        {
            foreach (var (key, length) in new[] { ("new", 100_000), ("new", Several(trial)), ("old", Several(trial)) })
            {
                var source = new PatternSource(default, length) { Before = (end, _) => end < length ? Task.CompletedTask : Task.FromException(error) };
                try
                {
                    await trial.Storage.WriteFromAsync(key, source, WriteCondition.Always, default).ConfigureAwait(false);
                }
                catch (Exception e)
                {
                    trial.Expect(ReferenceEquals(e, error), $"the source's own {error.GetType().Name} to pass unchanged", $"there was {trial.Tell(e)}");
                    continue;
                }

                throw trial.Violated("a write to fail as its source does", "it succeeded");
            }
        }

        trial.ExpectList(["old"], await trial.Open().KeysAsync().ConfigureAwait(false), "only what was there before");
        trial.ExpectSame(old.ETag, (await trial.Open().StatAsync("old", default).ConfigureAwait(false))?.ETag, "the tag of what was there before");
    }

    /// <summary>Several parts of most storages.</summary>
    private static int Several(StorageTrial trial) => (int)Math.Min(trial.Options.LargeLength, 24 << 20);
}
