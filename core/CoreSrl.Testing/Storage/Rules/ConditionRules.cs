using System.Collections.Concurrent;
using System.Text;
using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>Conditional writes, alone and in races.</summary>
internal static class ConditionRules
{
    public static IEnumerable<Rule<StorageTrial>> All { get; } =
    [
        new("if-absent", "A write only if absent creates an object, and never replaces one.", IfAbsentAsync),
        new("if-unchanged", "A write only if unchanged replaces the version that it names, and no other.", IfUnchangedAsync),
        new("conditions-of-sources", "A write from a source keeps its condition.", ConditionsOfSourcesAsync),
        new("conditions-of-large-objects", "A large write keeps its condition.", ConditionsOfLargeObjectsAsync),
        new("if-absent-race", "Of writers only if absent that race exactly one succeeds, every time.", IfAbsentRaceAsync),
        new("if-unchanged-race", "Of writers only if unchanged that race exactly one succeeds, every time.", IfUnchangedRaceAsync),
        new("large-if-absent-race", "Of large writes only if absent that race exactly one succeeds, every time.", LargeIfAbsentRaceAsync),
        new("counting", "Counting by writes only if unchanged loses no count.", CountingAsync),
    ];

    private static async Task IfAbsentAsync(StorageTrial trial)
    {
        await trial.Storage.PutAsync("key", "first", WriteCondition.IfAbsent).ConfigureAwait(false);
        await RefusedAsync(trial, "only if absent over an object", () => trial.Open().PutAsync("key", "second", WriteCondition.IfAbsent)).ConfigureAwait(false);
        trial.ExpectSame("first", await trial.Storage.TextAsync("key").ConfigureAwait(false), "the object after a refused write");
        await trial.Storage.DeleteAsync("key", default).ConfigureAwait(false);
        await trial.Open().PutAsync("key", "third", WriteCondition.IfAbsent).ConfigureAwait(false);
        trial.ExpectSame("third", await trial.Storage.TextAsync("key").ConfigureAwait(false), "the object that was written anew after a deletion");
    }

    private static async Task IfUnchangedAsync(StorageTrial trial)
    {
        var first = await trial.Storage.PutAsync("key", "first").ConfigureAwait(false);
        var second = await trial.Open().PutAsync("key", "second", WriteCondition.IfUnchanged(first.ETag)).ConfigureAwait(false);
        await RefusedAsync(trial, "only if unchanged over a version since replaced", () => trial.Storage.PutAsync("key", "third", WriteCondition.IfUnchanged(first.ETag))).ConfigureAwait(false);
        trial.ExpectSame("second", await trial.Storage.TextAsync("key").ConfigureAwait(false), "the object after a refused write");
        var listed = (await trial.Storage.ListedAsync("").ConfigureAwait(false)).Single();
        await trial.Storage.PutAsync("key", "fourth", WriteCondition.IfUnchanged(listed.ETag)).ConfigureAwait(false);
        await trial.Storage.DeleteAsync("key", default).ConfigureAwait(false);
        await RefusedAsync(trial, "only if unchanged over an object since deleted", () => trial.Storage.PutAsync("key", "fifth", WriteCondition.IfUnchanged(second.ETag))).ConfigureAwait(false);
        trial.Expect(await trial.Storage.StatAsync("key", default).ConfigureAwait(false) is null, "a deleted object to stay so after a refused write", "it is there again");
    }

    private static async Task ConditionsOfSourcesAsync(StorageTrial trial)
    {
        var first = await WriteAsync(WriteCondition.IfAbsent).ConfigureAwait(false);
        await RefusedAsync(trial, "from a source only if absent over an object", () => WriteAsync(WriteCondition.IfAbsent)).ConfigureAwait(false);
        await WriteAsync(WriteCondition.IfUnchanged(first.ETag)).ConfigureAwait(false);
        await RefusedAsync(trial, "from a source only if unchanged over a version since replaced", () => WriteAsync(WriteCondition.IfUnchanged(first.ETag))).ConfigureAwait(false);

        async Task<ObjectInfo> WriteAsync(WriteCondition condition) =>
            await trial.Storage.WriteFromAsync("key", new PatternSource(new((ulong)trial.Random.NextInt64()), 1_000), condition, default).ConfigureAwait(false);
    }

    private static async Task ConditionsOfLargeObjectsAsync(StorageTrial trial)
    {
        var length = LargeLength(trial);
        var content = new byte[length];
        var first = await trial.Storage.PutAsync("key", content, WriteCondition.IfAbsent).ConfigureAwait(false);
        await RefusedAsync(trial, $"{length} bytes only if absent over an object", () => trial.Storage.PutAsync("key", content, WriteCondition.IfAbsent)).ConfigureAwait(false);
        await RefusedAsync(
            trial, $"{length} bytes from a source only if absent over an object",
            async () => await trial.Storage.WriteFromAsync("key", new PatternSource(default, length), WriteCondition.IfAbsent, default).ConfigureAwait(false)).ConfigureAwait(false);
        content[0] = 1;
        await trial.Storage.PutAsync("key", content, WriteCondition.IfUnchanged(first.ETag)).ConfigureAwait(false);
        content[0] = 2;
        await RefusedAsync(trial, $"{length} bytes only if unchanged over a version since replaced", () => trial.Storage.PutAsync("key", content, WriteCondition.IfUnchanged(first.ETag))).ConfigureAwait(false);
        trial.ExpectSame((byte?)1, (await trial.Storage.GetAsync("key").ConfigureAwait(false))?[0], "the first byte of the object after a refused write");
    }

    private static async Task IfAbsentRaceAsync(StorageTrial trial)
    {
        for (var round = 0; round < trial.Options.Rounds; round++)
            await RaceAsync(trial, $"round-{round}/metadata.json", trial.Options.Racers, WriteCondition.IfAbsent, writer => $"writer {writer}").ConfigureAwait(false);
    }

    private static async Task IfUnchangedRaceAsync(StorageTrial trial)
    {
        var info = await trial.Storage.PutAsync("claim", "nobody").ConfigureAwait(false);
        for (var round = 0; round < trial.Options.Rounds; round++)
        {
            info = await RaceAsync(trial, "claim", trial.Options.Racers, WriteCondition.IfUnchanged(info.ETag), writer => $"writer {writer} of round {round}").ConfigureAwait(false);
        }
    }

    private static async Task LargeIfAbsentRaceAsync(StorageTrial trial)
    {
        for (var round = 0; round < 3; round++)
            await RaceAsync(trial, $"round-{round}", 3, WriteCondition.IfAbsent, writer => $"writer {writer}", LargeLength(trial)).ConfigureAwait(false);
    }

    private static async Task<ObjectInfo> RaceAsync(StorageTrial trial, string key, int racers, WriteCondition condition, Func<int, string> name, int length = 0)
    {
        ConcurrentBag<(byte[] Content, ObjectInfo Info)> winners = [];
        var contents = Enumerable.Range(0, racers).Select(writer => Encoding.UTF8.GetBytes(name(writer).PadRight(length))).ToList();
        var clients = Enumerable.Range(0, Math.Min(racers, 4)).Select(_ => trial.Open()).ToList();
        using var ready = new CountdownEvent(racers);
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var race = contents.Select((content, writer) => Task.Run(async () =>
        {
            ready.Signal();
            await start.Task.ConfigureAwait(false);
            try
            {
                winners.Add((content, await clients[writer % clients.Count].PutAsync(key, content, condition).ConfigureAwait(false)));
            }
            catch (StorageException e) when (e.Kind is StorageErrorKind.PreconditionFailed or StorageErrorKind.Transient)
            {
                // A busy server may tell a loser so in place of the condition; what counts is that it has not won.
            }
        })).ToList();
        ready.Wait();
        start.SetResult();
        await Task.WhenAll(race).ConfigureAwait(false);
        trial.Expect(winners.Count == 1, $"exactly one of {racers} writers of '{key}' to succeed", $"{winners.Count} did");
        var winner = winners.Single();
        var found = await trial.Storage.GetAsync(key).ConfigureAwait(false);
        trial.Expect(found.AsSpan().SequenceEqual(winner.Content), $"what the one that succeeded wrote ('{Name(winner.Content)}')", $"there is '{Name(found)}'");
        trial.ExpectSame(winner.Info.ETag, (await trial.Storage.StatAsync(key, default).ConfigureAwait(false))?.ETag, "the tag that it was told");
        return winner.Info;

        static string Name(byte[]? content) => Encoding.UTF8.GetString((content ?? []).AsSpan(0, Math.Min(40, content?.Length ?? 0))).TrimEnd();
    }

    private static async Task CountingAsync(StorageTrial trial)
    {
        await trial.Storage.PutAsync("count", "").ConfigureAwait(false);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(counter => Task.Run(async () =>
        {
            var storage = trial.Open();
            for (var mine = 0; mine < 6;)
            {
                var before = (await storage.ReadAllAsync("count", default).ConfigureAwait(false))!;
                var counts = Encoding.UTF8.GetString(before.Content.Span);
                var own = $"[{counter}:{mine}]";
                if (counts.Contains(own, StringComparison.Ordinal))
                {
                    mine++; // Written by an attempt whose answer was that the server is busy.
                    continue;
                }

                try
                {
                    await storage.PutAsync("count", counts + own, WriteCondition.IfUnchanged(before.Info.ETag)).ConfigureAwait(false);
                    mine++;
                }
                catch (StorageException e) when (e.Kind is StorageErrorKind.PreconditionFailed or StorageErrorKind.Transient)
                {
                }
            }
        }))).ConfigureAwait(false);
        var counted = (await trial.Storage.TextAsync("count").ConfigureAwait(false))!.Count(c => c == '[');
        trial.ExpectSame(24, counted, "how often four counted to six together");
    }

    private static Task<StorageException> RefusedAsync(StorageTrial trial, string what, Func<Task> write) =>
        trial.FailsAsync(StorageErrorKind.PreconditionFailed, $"a write of {what}", async () => await write().ConfigureAwait(false));

    private static int LargeLength(StorageTrial trial) =>
        (int)Math.Min(Math.Min(trial.Options.LargeLength, (40 << 20) + 1), trial.Storage.Capabilities.MaxConditionalLength - 1);
}
