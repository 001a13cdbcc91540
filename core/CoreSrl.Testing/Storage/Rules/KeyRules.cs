using System.Text;
using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>Strange keys are refused, or they are safe.</summary>
internal static class KeyRules
{
    private static readonly string[] Hostile =
    [
        "", "/", "/etc/passwd", "a//b", "a/", "//a", ".", "..", "../a", "a/..", "a/../../b", "a/./b", "a\\b", "..\\a", "a\0b", "a\nb", "a\r", "a\u007fb", "a\u0085b", "a/\ud800", "\udc00a",
    ];

    private static readonly string[] Unusual =
    [
        "a b", "a+b", "a%20b", "a%2Fb", "%2e%2e/a", "a&b=c?d#e", "a;b,c:d@e!f$g~h^i`j|k", "'single' \"double\" <angle> *", "(a)[b]{c}", "...", ".hidden/.tmp", "~", "-", " lead", "trail ",
        "日本/語", "ä", "a\u0308", "ﬀ", "🙂/🙃", "\u200bzero", "a.", "con", "metadata.json/x", "?versions", "$logs/x",
    ];

    public static IEnumerable<Rule<StorageTrial>> All { get; } =
    [
        new("hostile-keys", "A key that could name something outside the root is refused by every call, and nothing happens.", HostileKeysAsync),
        new("unusual-keys", "An unusual key is a key like any other, or it is refused.", UnusualKeysAsync),
        new("long-keys", "A long key is a key like any other, or it is refused.", LongKeysAsync),
        new("neighbours", "A key has nothing to do with those that begin like it.", NeighboursAsync),
    ];

    private static async Task HostileKeysAsync(StorageTrial trial)
    {
        await trial.Storage.PutAsync("a", "bystander").ConfigureAwait(false);
        foreach (var key in Hostile)
        {
            var calls = new (string Verb, Func<ValueTask> Call)[]
            {
                ("stat", async () => await trial.Storage.StatAsync(key, default).ConfigureAwait(false)),
                ("read", () => trial.Storage.ReadAsync(key, 0, new byte[1], default)),
                ("read-all", async () => await trial.Storage.ReadAllAsync(key, default).ConfigureAwait(false)),
                ("write", async () => await trial.Storage.PutAsync(key, "x").ConfigureAwait(false)),
                ("write from a source", async () => await trial.Storage.WriteFromAsync(key, new PatternSource(default, 1), WriteCondition.Always, default).ConfigureAwait(false)),
                ("delete", () => trial.Storage.DeleteAsync(key, default)),
                ("list", async () => await trial.Storage.KeysAsync(key + "/").ConfigureAwait(false)),
                ("list of folders", async () => await trial.Storage.FoldersAsync(key + "/").ConfigureAwait(false)),
            };
            foreach (var (verb, call) in calls)
            {
                var error = await trial.FailsAsync(StorageErrorKind.Permanent, $"{verb} with the key '{Printable(key)}'", call).ConfigureAwait(false);
                trial.Expect(!error.Message.Any(char.IsControl), "a message without control characters", $"that for '{Printable(key)}' has one");
            }
        }

        trial.ExpectList(["a"], await trial.Storage.KeysAsync().ConfigureAwait(false), "only what was there before");
        trial.ExpectSame("bystander", await trial.Storage.TextAsync("a").ConfigureAwait(false), "an object that no hostile key named");
    }

    private static async Task UnusualKeysAsync(StorageTrial trial)
    {
        List<string> taken = [];
        foreach (var key in Unusual)
        {
            if (await TakesAsync(trial, key).ConfigureAwait(false))
                taken.Add(key);
        }

        var other = trial.Open();
        foreach (var key in taken)
            trial.ExpectSame(key, await other.TextAsync(key).ConfigureAwait(false), $"the object '{key}'");
        trial.ExpectList(taken.Order(StringComparer.Ordinal).ToList(), await other.KeysAsync().ConfigureAwait(false), "a listing of unusual keys");
        foreach (var key in taken)
            await other.DeleteAsync(key, default).ConfigureAwait(false);
        trial.ExpectList([], await trial.Storage.KeysAsync().ConfigureAwait(false), "nothing after all were deleted");
    }

    private static async Task LongKeysAsync(StorageTrial trial)
    {
        string[] keys = [new('x', 200), new('x', 255), new('x', 256), $"{new('x', 255)}/{new('y', 255)}", Deep(3), Deep(4), Deep(5), Deep(30), new('ä', 127), new('ä', 128), new('日', 400)];
        List<string> taken = [];
        foreach (var key in keys)
        {
            if (await TakesAsync(trial, key).ConfigureAwait(false))
                taken.Add(key);
        }

        trial.Expect(taken.Contains(keys[0]), "a key of 200 characters to be taken", "it was refused");
        foreach (var key in taken)
            trial.ExpectSame(key, await trial.Open().TextAsync(key).ConfigureAwait(false), $"the object of a key of {key.Length} characters");
        trial.ExpectList(taken.Order(StringComparer.Ordinal).ToList(), await trial.Storage.KeysAsync().ConfigureAwait(false), "a listing of long keys");

        static string Deep(int parts) => string.Join('/', Enumerable.Repeat(new string('p', 200), parts));
    }

    private static async Task NeighboursAsync(StorageTrial trial)
    {
        foreach (var key in new[] { "folder/a", "folder/ab", "folder.a", "folder-a/b" })
            await trial.Storage.PutAsync(key, key).ConfigureAwait(false);
        foreach (var key in new[] { "folder", "folder/a/b", "folde", "folder-a", "folder/abc", "folder/b" })
            trial.Expect(await trial.Storage.StatAsync(key, default).ConfigureAwait(false) is null, $"no object '{key}'", "stat found one");
        await trial.Storage.DeleteAsync("folder", default).ConfigureAwait(false);
        await trial.Storage.DeleteAsync("folder/a/b", default).ConfigureAwait(false);
        await trial.Storage.DeleteAsync("folder/a", default).ConfigureAwait(false);
        trial.ExpectList(["folder-a/b", "folder.a", "folder/ab"], await trial.Storage.KeysAsync().ConfigureAwait(false), "what is left when one key was deleted");
    }

    /// <summary>Writes an object of a key; false when it was refused, and then nothing is there.</summary>
    private static async Task<bool> TakesAsync(StorageTrial trial, string key)
    {
        try
        {
            await trial.Storage.PutAsync(key, key).ConfigureAwait(false);
            return true;
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.Permanent)
        {
            return false;
        }
        catch (StorageException e)
        {
            throw trial.Violated($"the key '{Printable(key)}' to be taken, or refused as permanent", $"there was {trial.Tell(e)}", e);
        }
    }

    private static string Printable(string key)
    {
        StringBuilder text = new();
        foreach (var c in key.Length > 60 ? key[..60] + "…" : key)
            text.Append(char.IsControl(c) || char.IsSurrogate(c) ? $"\\u{(int)c:x4}" : c);
        return text.ToString();
    }
}
