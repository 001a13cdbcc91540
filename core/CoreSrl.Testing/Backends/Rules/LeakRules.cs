namespace CoreSrl.Testing;

/// <summary>What is taken is given back.</summary>
internal static class LeakRules
{
    private const long MemoryOfAQuarter = 4 << 20;

    public static IEnumerable<Rule<BackendTrial>> All { get; } =
    [
        new("steps-leave-nothing", "However long a model plays and learns, it holds no more than in the beginning.", StepsLeaveNothingAsync),
        new("models-leave-nothing", "A model that has been disposed of holds nothing.", ModelsLeaveNothingAsync),
    ];

    private static async Task StepsLeaveNothingAsync(BackendTrial trial)
    {
        var model = await trial.CreateModelAsync(trial.Seed()).ConfigureAwait(false);
        await NothingGrowsAsync(trial, trial.Options.Steps, "steps of playing and learning", async () =>
        {
            await model.ActAsync(trial.Requests(4), default).ConfigureAwait(false);
            await trial.TrainAsync(model).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    private static Task ModelsLeaveNothingAsync(BackendTrial trial) =>
        NothingGrowsAsync(trial, Math.Max(40, trial.Options.Steps / 25), "models", async () =>
        {
            var model = await trial.Create().CreateAsync(new("model", trial.Seed(), trial.Options.Threads), default).ConfigureAwait(false);
            await trial.TrainAsync(model).ConfigureAwait(false);
            await model.DisposeAsync().ConfigureAwait(false);
        });

    private static async Task NothingGrowsAsync(BackendTrial trial, int times, string what, Func<Task> action)
    {
        for (var warm = 0; warm < times / 10; warm++)
            await action().ConfigureAwait(false);
        var found = trial.Options.LiveTensors is { } count
            ? await TensorsAsync(count, times, action).ConfigureAwait(false)
            : await MemoryAsync(times, action).ConfigureAwait(false);
        trial.Expect(found is null, $"{times} {what} to leave nothing behind", found ?? "");
    }

    // What only a finalizer gives back counts as left behind, since nobody knows when that is. So growth is measured where no garbage was
    // collected, and what is held in spite of a collection besides.
    private static async Task<string?> TensorsAsync(Func<long> count, int times, Func<Task> action)
    {
        var (measured, grown, first) = (0, 0L, Held());
        for (var i = 0; i < times; i++)
        {
            GC.WaitForPendingFinalizers();
            var (collections, before) = (GC.CollectionCount(0), count());
            await action().ConfigureAwait(false);
            var after = count();
            if (GC.CollectionCount(0) != collections)
                continue;
            measured++;
            grown += after - before;
        }

        var held = Held() - first;
        return grown > measured / 20 ? $"in {measured} of them, the others not measured, {grown} tensors were not given back"
            : held > times / 20 ? $"{held} tensors are held more than before"
            : null;

        long Held()
        {
            Collect();
            return count();
        }
    }

    // What leaks grows all the time. What else goes on in the process may make it grow once, hardly in every quarter.
    private static async Task<string?> MemoryAsync(int times, Func<Task> action)
    {
        List<long> held = [Memory()];
        for (var quarter = 0; quarter < 4; quarter++)
        {
            for (var i = 0; i < times / 4; i++)
                await action().ConfigureAwait(false);
            held.Add(Memory());
        }

        var growth = held.Zip(held.Skip(1), (before, after) => after - before).Min();
        return growth < MemoryOfAQuarter ? null : $"the process had {string.Join(", then ", held)} bytes";

        static long Memory()
        {
            Collect();
            return Environment.WorkingSet;
        }
    }

    private static void Collect()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
    }
}
