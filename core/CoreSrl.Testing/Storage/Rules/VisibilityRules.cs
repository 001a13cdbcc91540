using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>Nobody ever sees half an object.</summary>
internal static class VisibilityRules
{
    private const int Versions = 150;

    public static IEnumerable<Rule<StorageTrial>> All { get; } =
    [
        new("appearing-at-once", "Until its write returns, nobody sees anything of an object.", AppearingAtOnceAsync),
        new("replaced-at-once", "Until a write returns, everybody sees the object that was there.", ReplacedAtOnceAsync),
        new("read-all-of-one-version", "Read-all gives facts and bytes of one version while the object is replaced and deleted.", ReadAllOfOneVersionAsync),
        new("reads-of-one-version", "One read gives bytes of one version, or fails as transient, while a large object is replaced.", ReadsOfOneVersionAsync),
    ];

    private static async Task AppearingAtOnceAsync(StorageTrial trial)
    {
        foreach (var length in new[] { 100_000, Large(trial) })
        {
            var key = $"folder/{length}";
            await WhileHalfWrittenAsync(trial, key, length, async other =>
            {
                trial.Expect(await other.StatAsync(key, default).ConfigureAwait(false) is null, $"no object of {length} bytes before it is written", "stat found one");
                trial.Expect(await other.ReadAllAsync(key, default).ConfigureAwait(false) is null, $"no object of {length} bytes before it is written", "read-all found one");
                trial.Expect(!(await other.KeysAsync().ConfigureAwait(false)).Contains(key), $"no object of {length} bytes before it is written", "it was listed");
                await trial.FailsAsync(StorageErrorKind.NotFound, "reading what is being written", () => other.ReadAsync(key, 0, new byte[1], default)).ConfigureAwait(false);
            }).ConfigureAwait(false);
            trial.ExpectSame((long?)length, (await trial.Open().StatAsync(key, default).ConfigureAwait(false))?.Length, "the length of what is written");
        }
    }

    private static async Task ReplacedAtOnceAsync(StorageTrial trial)
    {
        foreach (var length in new[] { 100_000, Large(trial) })
        {
            var key = $"folder/{length}";
            var old = await trial.Storage.PutAsync(key, "what was there before").ConfigureAwait(false);
            await WhileHalfWrittenAsync(trial, key, length, async other =>
            {
                trial.ExpectSame("what was there before", await other.TextAsync(key).ConfigureAwait(false), "an object that is about to be replaced");
                trial.ExpectSame(old.ETag, (await other.StatAsync(key, default).ConfigureAwait(false))?.ETag, "its tag");
            }).ConfigureAwait(false);
            trial.ExpectSame((long?)length, (await trial.Open().StatAsync(key, default).ConfigureAwait(false))?.Length, "the length of what has replaced it");
        }
    }

    /// <summary>Writes an object from a source that stops before its last bytes until somebody has looked around.</summary>
    private static async Task WhileHalfWrittenAsync(StorageTrial trial, string key, long length, Func<ICheckpointStorage, Task> look)
    {
        TaskCompletionSource atItsEnd = new(TaskCreationOptions.RunContinuationsAsynchronously), goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var source = new PatternSource(new((ulong)trial.Random.NextInt64()), length)
        {
            Before = (end, token) =>
            {
                if (end < length)
                    return Task.CompletedTask;
                atItsEnd.TrySetResult();
                return goOn.Task.WaitAsync(token);
            },
        };
        var writing = trial.Storage.WriteFromAsync(key, source, WriteCondition.Always, default).AsTask();
        await Task.WhenAny(atItsEnd.Task, writing).ConfigureAwait(false);
        trial.Expect(!writing.IsCompleted, "a write to wait for its source", "it ended before the source had given its bytes");
        try
        {
            await look(trial.Open()).ConfigureAwait(false);
        }
        finally
        {
            goOn.SetResult();
            await ((Task)writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await writing.ConfigureAwait(false);
    }

    private static async Task ReadAllOfOneVersionAsync(StorageTrial trial)
    {
        var writer = trial.Open();
        await Meanwhile.RunAsync(
            Versions,
            async i =>
            {
                await writer.PutAsync("object", Version(i % Versions)).ConfigureAwait(false);
                if (i % 10 == 0)
                    await writer.DeleteAsync("object", default).ConfigureAwait(false);
            },
            looks: 30,
            async () =>
            {
                if (await trial.Storage.ReadAllAsync("object", default).ConfigureAwait(false) is not { } found)
                    return false;
                var content = found.Content.ToArray();
                trial.Expect(found.Info.Length == content.Length, $"as many bytes as the facts tell, {found.Info.Length}", $"there were {content.Length}");
                trial.Expect(content.AsSpan().SequenceEqual(Version(content.Length - 1_000)), "bytes of one version", "they were of several");
                return true;
            }).ConfigureAwait(false);

        static byte[] Version(int number) => [.. Enumerable.Repeat((byte)number, 1_000 + number)];
    }

    private static async Task ReadsOfOneVersionAsync(StorageTrial trial)
    {
        byte[][] versions = [new byte[Large(trial)], new byte[Large(trial)]];
        versions[1].AsSpan().Fill(1);
        await trial.Storage.PutAsync("object", versions[0]).ConfigureAwait(false);
        var writer = trial.Open();
        var found = new byte[Large(trial)];
        await Meanwhile.RunAsync(
            6,
            async i => await writer.PutAsync("object", versions[(i + 1) % 2]).ConfigureAwait(false),
            looks: 3,
            async () =>
            {
                try
                {
                    await trial.Storage.ReadAsync("object", 0, found, default).ConfigureAwait(false);
                }
                catch (StorageException e) when (e.Kind == StorageErrorKind.Transient)
                {
                    return true; // Read in ranges, it may be replaced between two of them, which a storage must notice.
                }

                var other = found.AsSpan().IndexOfAnyExcept(found[0]);
                trial.Expect(other < 0, "bytes of one version", $"byte {other} was of another than those before it");
                return true;
            }).ConfigureAwait(false);
    }

    /// <summary>Written in parts, and yet held by this process.</summary>
    private static int Large(StorageTrial trial) => (int)Math.Min(trial.Options.LargeLength, (40 << 20) + 1);
}
