using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>Many calls at once, and many in a row.</summary>
internal static class ConcurrencyRules
{
    public static IEnumerable<Rule<StorageTrial>> All { get; } =
    [
        new("many-at-once", "Many objects are written and read at once, each by its own key.", ManyAtOnceAsync),
        new("one-key-at-once", "Of writers of one key at once, one's content is there in the end, as a whole.", OneKeyAtOnceAsync),
        new("random-calls", "After any calls, by any clients, what is there is what they say.", RandomCallsAsync),
    ];

    private static async Task ManyAtOnceAsync(StorageTrial trial)
    {
        ICheckpointStorage[] clients = [trial.Storage, trial.Open(), trial.Open()];
        var seed = (ulong)trial.Random.NextInt64();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () =>
        {
            var pattern = new Pattern(seed + (ulong)i);
            var length = 1 + (i * 997 % 50_000);
            var key = $"many/{i % 7}/{i}";
            await clients[i % 3].PutAsync(key, pattern.Bytes(length), WriteCondition.IfAbsent).ConfigureAwait(false);
            var found = await clients[(i + 1) % 3].GetAsync(key).ConfigureAwait(false);
            trial.Expect(found?.Length == length && pattern.FirstDifference(0, found) < 0, $"the {length} bytes of '{key}', one of 200 at once", $"{found?.Length} others were there");
        }))).ConfigureAwait(false);
        trial.ExpectSame(200, (await trial.Storage.KeysAsync().ConfigureAwait(false)).Count, "how many objects are listed");
    }

    private static async Task OneKeyAtOnceAsync(StorageTrial trial)
    {
        for (var round = 0; round < 5; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(
                () => trial.Open().PutAsync("object", [.. Enumerable.Repeat((byte)writer, 50_000 + writer)])))).ConfigureAwait(false);
            var found = await trial.Storage.GetAsync("object").ConfigureAwait(false);
            trial.Expect(
                found is not null && found.AsSpan().IndexOfAnyExcept(found[0]) < 0 && found.Length == 50_000 + found[0], "one writer's content as a whole", $"{found?.Length} bytes of several were there");
        }
    }

    private static async Task RandomCallsAsync(StorageTrial trial)
    {
        ICheckpointStorage[] clients = [trial.Storage, trial.Open()];
        SortedDictionary<string, (string Text, string ETag)> there = new(StringComparer.Ordinal);
        var stale = "\"none\"";
        for (var call = 0; call < 300; call++)
        {
            var client = clients[trial.Random.Next(2)];
            var key = $"{(char)('a' + trial.Random.Next(3))}/{trial.Random.Next(4)}";
            var text = $"call {call}";
            there.TryGetValue(key, out var known);
            switch (trial.Random.Next(8))
            {
                case 0:
                    there[key] = (text, (await client.PutAsync(key, text).ConfigureAwait(false)).ETag);
                    break;
                case 1 when known.Text is null:
                    there[key] = (text, (await client.PutAsync(key, text, WriteCondition.IfAbsent).ConfigureAwait(false)).ETag);
                    break;
                case 1:
                    await trial.FailsAsync(StorageErrorKind.PreconditionFailed, $"call {call}, a write of '{key}' only if absent,", async () => await client.PutAsync(key, text, WriteCondition.IfAbsent).ConfigureAwait(false)).ConfigureAwait(false);
                    break;
                case 2 when known.Text is not null:
                    stale = known.ETag;
                    there[key] = (text, (await client.PutAsync(key, text, WriteCondition.IfUnchanged(known.ETag)).ConfigureAwait(false)).ETag);
                    break;
                case 3 when stale != known.ETag:
                    await trial.FailsAsync(StorageErrorKind.PreconditionFailed, $"call {call}, a write of '{key}' over another version,", async () => await client.PutAsync(key, text, WriteCondition.IfUnchanged(stale)).ConfigureAwait(false)).ConfigureAwait(false);
                    break;
                case 4:
                    await client.DeleteAsync(key, default).ConfigureAwait(false);
                    there.Remove(key);
                    break;
                case 5:
                    trial.ExpectList(there.Keys.Where(k => k.StartsWith("b/", StringComparison.Ordinal)).ToList(), await client.KeysAsync("b/").ConfigureAwait(false), $"the listing of 'b/' at call {call}");
                    break;
                case 6:
                    trial.ExpectList(there.Keys.Select(k => k[..1]).Distinct().ToList(), await ObjectFoldersAsync(client).ConfigureAwait(false), $"the folders at call {call}");
                    break;
                default:
                    trial.ExpectSame(known.Text, await client.TextAsync(key).ConfigureAwait(false), $"'{key}' at call {call}");
                    break;
            }
        }

        trial.ExpectList(there.Select(o => (o.Key, o.Value.ETag)).ToList(), (await trial.Open().ListedAsync("").ConfigureAwait(false)).Select(o => (o.Key, o.ETag)).ToList(), "the listing in the end");

        static async Task<IReadOnlyList<string>> ObjectFoldersAsync(ICheckpointStorage client)
        {
            List<string> names = [];
            foreach (var name in await client.FoldersAsync().ConfigureAwait(false))
            {
                if ((await client.KeysAsync(name + "/").ConfigureAwait(false)).Count > 0)
                    names.Add(name); // An empty directory is a folder to some.
            }

            return names;
        }
    }
}
