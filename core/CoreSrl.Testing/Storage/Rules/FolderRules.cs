using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>Listings of folders.</summary>
internal static class FolderRules
{
    public static IEnumerable<Rule<StorageTrial>> All { get; } =
    [
        new("folders", "The folders directly below a prefix are listed by their names, in the order of the keys in them.", FoldersAsync),
        new("folders-of-nothing", "Where there is no object there is no folder with one, and a prefix that does not end in '/' is refused.", FoldersOfNothingAsync),
    ];

    private static async Task FoldersAsync(StorageTrial trial)
    {
        foreach (var key in new[] { "a-b/x", "a/x", "a/y/z", "a/y/zz", "a.b/x", "a0/x", "B/x", "ä/ö", "ep_100/x", "ep_90/x", "ep_9/x", "object", "🙂/x", "\uff5e/x" })
            await trial.Storage.PutAsync(key, "").ConfigureAwait(false);
        trial.ExpectList(
            ["B", "a-b", "a.b", "a", "a0", "ep_100", "ep_9", "ep_90", "ä", "🙂", "\uff5e"], await trial.Storage.FoldersAsync().ConfigureAwait(false), "the folders");
        trial.ExpectList(["y"], await trial.Storage.FoldersAsync("a/").ConfigureAwait(false), "the folders below 'a/'");
    }

    private static async Task FoldersOfNothingAsync(StorageTrial trial)
    {
        trial.ExpectList([], await trial.Storage.FoldersAsync().ConfigureAwait(false), "the folders of an empty place");
        await trial.Storage.PutAsync("a/object", "").ConfigureAwait(false);
        foreach (var prefix in new[] { "a/", "none/", "a/object/" })
            trial.ExpectList([], await trial.Storage.FoldersAsync(prefix).ConfigureAwait(false), $"the folders below '{prefix}'");
        await trial.FailsAsync(StorageErrorKind.Permanent, "listing the folders of the prefix 'a'", async () => await trial.Storage.FoldersAsync("a").ConfigureAwait(false)).ConfigureAwait(false);

        // An empty folder may be listed; what is below it counts.
        await trial.Storage.DeleteAsync("a/object", default).ConfigureAwait(false);
        foreach (var name in await trial.Open().FoldersAsync().ConfigureAwait(false))
            trial.ExpectList([], await trial.Storage.KeysAsync(name + "/").ConfigureAwait(false), $"the objects of the folder '{name}' after all were deleted");
    }
}
