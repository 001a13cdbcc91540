namespace CoreSrl.Testing;

/// <summary>One changes things again and again while another looks, each at least as often as it is to, whichever is faster.</summary>
internal static class Meanwhile
{
    /// <param name="changes">How many changes at least.</param>
    /// <param name="change">Makes one, given its number.</param>
    /// <param name="looks">How many looks at least, of those that saw something.</param>
    /// <param name="look">Looks, and tells whether it saw something.</param>
    public static async Task RunAsync(int changes, Func<int, Task> change, int looks, Func<Task<bool>> look)
    {
        var seen = 0;
        var changing = Task.Run(async () =>
        {
            for (var i = 0; i < changes || Volatile.Read(ref seen) < looks; i++)
            {
                if (i >= changes)
                    await Task.Delay(Math.Min(i - changes, 100)).ConfigureAwait(false); // Who needs several calls for a look must get round to it.
                await change(i).ConfigureAwait(false);
            }
        });
        try
        {
            while (!changing.IsCompleted)
            {
                if (await look().ConfigureAwait(false))
                    Interlocked.Increment(ref seen);
            }
        }
        finally
        {
            Interlocked.Add(ref seen, looks);
            await changing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await changing.ConfigureAwait(false);
    }
}
