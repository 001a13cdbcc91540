using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>Whoever cancels is told so, soon, and finds nothing half done.</summary>
internal static class CancellationRules
{
    public static IEnumerable<Rule<StorageTrial>> All { get; } =
    [
        new("cancelled-before", "A call that is cancelled before it begins does nothing and says that it was cancelled.", CancelledBeforeAsync),
        new("cancelled-source", "A write that waits for its source can be cancelled, and nothing of it is seen.", CancelledSourceAsync),
        new("cancelled-transfer", "A large write or read that is cancelled ends, and is as a whole or not at all.", CancelledTransferAsync),
        new("cancelled-listing", "A listing that is cancelled between two objects ends.", CancelledListingAsync),
    ];

    private static async Task CancelledBeforeAsync(StorageTrial trial)
    {
        await trial.Storage.PutAsync("old", "old").ConfigureAwait(false);
        var cancelled = new CancellationToken(canceled: true);
        await EndsCancelledAsync(trial, "stat", async () => await trial.Storage.StatAsync("old", cancelled).ConfigureAwait(false)).ConfigureAwait(false);
        await EndsCancelledAsync(trial, "read", () => trial.Storage.ReadAsync("old", 0, new byte[3], cancelled)).ConfigureAwait(false);
        await EndsCancelledAsync(trial, "read-all", async () => await trial.Storage.ReadAllAsync("old", cancelled).ConfigureAwait(false)).ConfigureAwait(false);
        await EndsCancelledAsync(trial, "write", async () => await trial.Storage.WriteAsync("new", new("new"u8.ToArray()), WriteCondition.Always, cancelled).ConfigureAwait(false)).ConfigureAwait(false);
        await EndsCancelledAsync(
            trial, "write from a source", async () => await trial.Storage.WriteFromAsync("new", new PatternSource(default, 100), WriteCondition.Always, cancelled).ConfigureAwait(false)).ConfigureAwait(false);
        await EndsCancelledAsync(trial, "delete", () => trial.Storage.DeleteAsync("old", cancelled)).ConfigureAwait(false);
        await EndsCancelledAsync(trial, "list", async () => await trial.Storage.ListedAsync("", cancelled).ConfigureAwait(false)).ConfigureAwait(false);
        trial.ExpectList(["old"], await trial.Storage.KeysAsync().ConfigureAwait(false), "only what was there before");
    }

    private static async Task CancelledSourceAsync(StorageTrial trial)
    {
        await trial.Storage.PutAsync("old", "old").ConfigureAwait(false);
        var large = (int)Math.Min(trial.Options.LargeLength, 24 << 20);
        foreach (var (key, length, condition) in new[] { ("new", 1_000, WriteCondition.IfAbsent), ("new", large, WriteCondition.Always), ("old", large, WriteCondition.Always) })
        {
            using var cancelling = new CancellationTokenSource();
            var source = new PatternSource(default, length)
            {
                Before = async (end, token) =>
                {
                    if (end < length)
                        return;
                    await cancelling.CancelAsync().ConfigureAwait(false);
                    await Task.Delay(Timeout.Infinite, token).ConfigureAwait(false);
                },
            };
            await EndsCancelledAsync(
                trial, $"write of {length} bytes", async () => await trial.Storage.WriteFromAsync(key, source, condition, cancelling.Token).ConfigureAwait(false)).ConfigureAwait(false);
        }

        trial.ExpectList(["old"], await trial.Open().KeysAsync().ConfigureAwait(false), "only what was there before");
        trial.ExpectSame("old", await trial.Open().TextAsync("old").ConfigureAwait(false), "the object that a cancelled write would have replaced");
    }

    private static async Task CancelledTransferAsync(StorageTrial trial)
    {
        var length = (int)Math.Min(trial.Options.LargeLength, (40 << 20) + 1);
        byte[] old = new byte[length], @new = new byte[length], read = new byte[length];
        @new.AsSpan().Fill(1);
        await trial.Storage.PutAsync("object", old).ConfigureAwait(false);
        for (var i = 0; i < 6; i++)
        {
            await CancelLaterAsync(async token => await trial.Storage.WriteAsync("object", new(@new), WriteCondition.Always, token).ConfigureAwait(false), i).ConfigureAwait(false);
            await CancelLaterAsync(async token => await trial.Storage.ReadAsync("object", 0, read, token).ConfigureAwait(false), i).ConfigureAwait(false);
            var found = await trial.Open().GetAsync("object").ConfigureAwait(false);
            trial.Expect(
                found?.Length == length && found.AsSpan().IndexOfAnyExcept(found[0]) < 0, "the old object or the new one after a cancelled write", "it was neither");
        }

        async Task CancelLaterAsync(Func<CancellationToken, Task> transfer, int attempt)
        {
            using var cancelling = new CancellationTokenSource(trial.Random.Next(1 + (attempt * 20)));
            try
            {
                await transfer(cancelling.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancelling.IsCancellationRequested)
            {
            }
        }
    }

    private static async Task CancelledListingAsync(StorageTrial trial)
    {
        foreach (var key in new[] { "a", "b", "c" })
            await trial.Storage.PutAsync(key, key).ConfigureAwait(false);
        foreach (var prefix in new[] { "", "none/" })
        {
            using var cancelling = new CancellationTokenSource();
            try
            {
                await foreach (var info in trial.Storage.ListAsync(prefix, cancelling.Token).ConfigureAwait(false))
                    await cancelling.CancelAsync().ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancelling.IsCancellationRequested)
            {
            }
        }

        // Whoever has seen enough just stops; nothing must be left that is in the way.
        await foreach (var info in trial.Storage.ListAsync("", default).ConfigureAwait(false))
            break;
        trial.ExpectList(["a", "b", "c"], await trial.Storage.KeysAsync().ConfigureAwait(false), "a listing after cancelled ones");
    }

    private static async Task EndsCancelledAsync(StorageTrial trial, string what, Func<ValueTask> call)
    {
        try
        {
            await call().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        catch (Exception e)
        {
            throw trial.Violated($"a cancelled {what} to end in an OperationCanceledException", $"there was {trial.Tell(e)}", e);
        }

        throw trial.Violated($"a cancelled {what} to end in an OperationCanceledException", "it succeeded");
    }
}
