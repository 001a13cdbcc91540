using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>Errors, and places where nothing is yet.</summary>
internal static class ErrorRules
{
    public static IEnumerable<Rule<StorageTrial>> All { get; } =
    [
        new("errors-say-what-and-where", "An error carries its key and a message of one line or two.", SayWhatAndWhereAsync),
        new("an-empty-place", "Where nothing was written there is nothing, and that is no error.", EmptyPlaceAsync),
        new("says-where-it-is", "A storage says where its objects are.", SaysWhereItIsAsync),
    ];

    private static async Task SayWhatAndWhereAsync(StorageTrial trial)
    {
        var first = await trial.Storage.PutAsync("there", "text").ConfigureAwait(false);
        await trial.Storage.PutAsync("there", "more").ConfigureAwait(false);
        var errors = new[]
        {
            await trial.FailsAsync(StorageErrorKind.NotFound, "reading what is not there", () => trial.Storage.ReadAsync("not/there", 0, new byte[1], default)).ConfigureAwait(false),
            await trial.FailsAsync(StorageErrorKind.Permanent, "reading beyond the end", () => trial.Storage.ReadAsync("there", 4, new byte[1], default)).ConfigureAwait(false),
            await trial.FailsAsync(StorageErrorKind.PreconditionFailed, "writing only if absent", async () => await trial.Storage.PutAsync("there", "x", WriteCondition.IfAbsent).ConfigureAwait(false)).ConfigureAwait(false),
            await trial.FailsAsync(StorageErrorKind.PreconditionFailed, "writing only if unchanged", async () => await trial.Storage.PutAsync("there", "x", WriteCondition.IfUnchanged(first.ETag)).ConfigureAwait(false)).ConfigureAwait(false),
        };
        foreach (var (error, key) in errors.Zip(["not/there", "there", "there", "there"]))
        {
            trial.ExpectSame(key, error.Key, $"the key of the error '{error.Message}'");
            trial.Expect(error.Message.Contains(key, StringComparison.Ordinal), $"a message that names '{key}'", $"it was '{error.Message}'");
            trial.Expect(error.Message.Count(c => c == '\n') <= 1, "a message of one line or two", $"it was '{error.Message}'");
        }
    }

    private static async Task EmptyPlaceAsync(StorageTrial trial)
    {
        trial.ExpectList([], await trial.Storage.KeysAsync().ConfigureAwait(false), "a listing of an empty place");
        trial.ExpectList([], await trial.Storage.KeysAsync("a/").ConfigureAwait(false), "a listing below a prefix of an empty place");
        trial.ExpectList([], await trial.Storage.FoldersAsync().ConfigureAwait(false), "the folders of an empty place");
        trial.Expect(await trial.Storage.StatAsync("a/b", default).ConfigureAwait(false) is null, "stat to find nothing", "it found something");
        trial.Expect(await trial.Storage.ReadAllAsync("a/b", default).ConfigureAwait(false) is null, "read-all to find nothing", "it found something");
        await trial.Storage.DeleteAsync("a/b", default).ConfigureAwait(false);
        await trial.FailsAsync(StorageErrorKind.NotFound, "reading from an empty place", () => trial.Storage.ReadAsync("a/b", 0, new byte[1], default)).ConfigureAwait(false);
        await trial.FailsAsync(
            StorageErrorKind.PreconditionFailed, "writing only if unchanged in an empty place",
            async () => await trial.Storage.PutAsync("a/b", "x", WriteCondition.IfUnchanged("\"none\"")).ConfigureAwait(false)).ConfigureAwait(false);
        await trial.Storage.PutAsync("a/b", "x", WriteCondition.IfAbsent).ConfigureAwait(false);
    }

    private static Task SaysWhereItIsAsync(StorageTrial trial)
    {
        trial.Expect(!string.IsNullOrWhiteSpace(trial.Storage.Location), "a location", "it was empty");
        trial.Expect(!trial.Storage.Location.Any(char.IsControl), "a location of one line", "it has a control character");
        trial.ExpectSame(trial.Storage.Location, trial.Open().Location, "another client's location");
        trial.Expect(!trial.Storage.Location.EndsWith('/'), "a location that a '/' and a key can follow", $"it was '{trial.Storage.Location}'");
        return Task.CompletedTask;
    }
}
