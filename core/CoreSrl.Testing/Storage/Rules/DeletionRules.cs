using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>Deleting.</summary>
internal static class DeletionRules
{
    public static IEnumerable<Rule<StorageTrial>> All { get; } =
    [
        new("deleted-is-gone", "What was deleted is gone, for every call and every client.", DeletedIsGoneAsync),
        new("deleting-nothing", "Deleting what is not there is no error.", DeletingNothingAsync),
        new("deleting-together", "Several may delete the same objects at once.", DeletingTogetherAsync),
    ];

    private static async Task DeletedIsGoneAsync(StorageTrial trial)
    {
        var other = trial.Open();
        await trial.Storage.PutAsync("a/b", "text").ConfigureAwait(false);
        await trial.Storage.PutAsync("a/c", "text").ConfigureAwait(false);
        await trial.Storage.DeleteAsync("a/b", default).ConfigureAwait(false);
        foreach (var storage in new[] { trial.Storage, other })
        {
            trial.Expect(await storage.StatAsync("a/b", default).ConfigureAwait(false) is null, "stat to find no deleted object", "it found one");
            trial.Expect(await storage.ReadAllAsync("a/b", default).ConfigureAwait(false) is null, "read-all to find no deleted object", "it found one");
            trial.ExpectList(["a/c"], await storage.KeysAsync().ConfigureAwait(false), "a listing after a deletion");
            await trial.FailsAsync(StorageErrorKind.NotFound, "reading a deleted object", () => storage.ReadAsync("a/b", 0, new byte[1], default)).ConfigureAwait(false);
        }
    }

    private static async Task DeletingNothingAsync(StorageTrial trial)
    {
        await trial.Storage.DeleteAsync("none", default).ConfigureAwait(false);
        await trial.Storage.DeleteAsync("no/such/folder", default).ConfigureAwait(false);
        await trial.Storage.PutAsync("object", "text").ConfigureAwait(false);
        await trial.Storage.DeleteAsync("object", default).ConfigureAwait(false);
        await trial.Storage.DeleteAsync("object", default).ConfigureAwait(false);
    }

    private static async Task DeletingTogetherAsync(StorageTrial trial)
    {
        var keys = Enumerable.Range(0, 20).Select(i => $"folder/{i:00}").ToList();
        foreach (var key in keys)
            await trial.Storage.PutAsync(key, key).ConfigureAwait(false);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var storage = trial.Open();
            foreach (var key in keys)
                await storage.DeleteAsync(key, default).ConfigureAwait(false);
        }))).ConfigureAwait(false);
        trial.ExpectList([], await trial.Storage.KeysAsync().ConfigureAwait(false), "nothing after all was deleted");
    }
}
