using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>Listings of objects.</summary>
internal static class ListingRules
{
    public static IEnumerable<Rule<StorageTrial>> All { get; } =
    [
        new("listing-order", "Objects are listed in ordinal order of their keys, all over the prefix.", OrderAsync),
        new("listing-prefix", "What does not begin with the prefix is not listed; a prefix that does not end in '/' is refused.", PrefixAsync),
        new("listing-pages", "Many objects are listed over several pages: each once, in order, and their folders too.", PagesAsync),
        new("listing-while-changing", "What is there all the while is listed exactly once while others write and delete.", WhileChangingAsync),
    ];

    private static async Task OrderAsync(StorageTrial trial)
    {
        string[] keys =
        [
            "a-b", "a/b", "a/b-c/d", "a/b-", "a0", "B", "Z/z", "ä/ö", "a/b-c.d", "ep_100/x", "ep_90/x", "ep_9/x", "a/z/y/x", "a b", "a!b", "ﬀ", "\uff5e/x", "🙂/x", "🙂/\uff5e", "日本", "_",
        ];
        foreach (var key in keys)
            await trial.Storage.PutAsync(key, key).ConfigureAwait(false);
        trial.ExpectList(keys.Order(StringComparer.Ordinal).ToList(), await trial.Storage.KeysAsync().ConfigureAwait(false), "a listing");
        trial.ExpectList(["a/b", "a/b-", "a/b-c.d", "a/b-c/d", "a/z/y/x"], await trial.Storage.KeysAsync("a/").ConfigureAwait(false), "a listing below 'a/'");
        trial.ExpectList(["🙂/x", "🙂/\uff5e"], await trial.Storage.KeysAsync("🙂/").ConfigureAwait(false), "a listing below '🙂/'");
    }

    private static async Task PrefixAsync(StorageTrial trial)
    {
        foreach (var key in new[] { "a/1", "a/b/2", "ab/3", "a.b/4", "b", "A/5" })
            await trial.Storage.PutAsync(key, key).ConfigureAwait(false);
        trial.ExpectList(["a/1", "a/b/2"], await trial.Storage.KeysAsync("a/").ConfigureAwait(false), "a listing below 'a/'");
        trial.ExpectList(["a/b/2"], await trial.Storage.KeysAsync("a/b/").ConfigureAwait(false), "a listing below 'a/b/'");
        foreach (var prefix in new[] { "none/", "b/", "a/1/", "a/b/c/" })
            trial.ExpectList([], await trial.Storage.KeysAsync(prefix).ConfigureAwait(false), $"a listing below '{prefix}'");
        foreach (var prefix in new[] { "a", "a/b", "none" })
            await trial.FailsAsync(StorageErrorKind.Permanent, $"listing the prefix '{prefix}'", async () => await trial.Storage.KeysAsync(prefix).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static async Task PagesAsync(StorageTrial trial)
    {
        var keys = Enumerable.Range(0, trial.Options.ListedObjects).Select(i => $"pages/{i:x4}/metadata.json").ToList();
        trial.Random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(keys));
        await Parallel.ForEachAsync(
            keys, new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (key, _) => await trial.Storage.PutAsync(key, "x").ConfigureAwait(false)).ConfigureAwait(false);
        keys.Sort(StringComparer.Ordinal);
        trial.ExpectList(keys, await trial.Open().KeysAsync("pages/").ConfigureAwait(false), $"a listing of {keys.Count} objects");
        trial.ExpectList(keys.Select(key => key.Split('/')[1]).ToList(), await trial.Open().FoldersAsync("pages/").ConfigureAwait(false), $"a listing of {keys.Count} folders");
        trial.ExpectList(["pages"], await trial.Storage.FoldersAsync().ConfigureAwait(false), $"the one folder of {keys.Count} objects");
    }

    private static async Task WhileChangingAsync(StorageTrial trial)
    {
        var staying = Enumerable.Range(0, 60).Select(i => $"{i:000}/staying").ToList();
        foreach (var key in staying)
            await trial.Storage.PutAsync(key, "x").ConfigureAwait(false);
        var other = trial.Open();
        var random = new Random(trial.Random.Next());
        await Meanwhile.RunAsync(
            200,
            async _ =>
            {
                var key = $"{random.Next(60):000}/changing";
                if (random.Next(2) == 0)
                    await other.PutAsync(key, "y").ConfigureAwait(false);
                else
                    await other.DeleteAsync(key, default).ConfigureAwait(false);
            },
            looks: 5,
            async () =>
            {
                var listed = await trial.Storage.KeysAsync().ConfigureAwait(false);
                trial.ExpectList(staying, listed.Where(key => key.EndsWith("/staying", StringComparison.Ordinal)).ToList(), "what stays, in a listing while others change");
                trial.ExpectList(listed.Distinct().Order(StringComparer.Ordinal).ToList(), listed, "a listing while others change, in order");
                return true;
            }).ConfigureAwait(false);
    }
}
