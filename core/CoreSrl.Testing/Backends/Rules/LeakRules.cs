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

    // What leaks grows all the time. What else goes on in the process may make it grow once, hardly in every quarter.
    private static async Task NothingGrowsAsync(BackendTrial trial, int times, string what, Func<Task> action)
    {
        for (var warm = 0; warm < times / 10; warm++)
            await action().ConfigureAwait(false);
        var count = trial.Options.LiveTensors ?? Memory;
        var (unit, bound) = trial.Options.LiveTensors is null ? ("bytes", MemoryOfAQuarter) : ("tensors", Math.Max(1, times / 40));
        List<long> held = [count()];
        for (var quarter = 0; quarter < 4; quarter++)
        {
            for (var i = 0; i < times / 4; i++)
                await action().ConfigureAwait(false);
            held.Add(count());
        }

        var growth = held.Zip(held.Skip(1), (before, after) => after - before).Min();
        trial.Expect(growth < bound, $"as many {unit} behind {times} {what} as before", $"there were {string.Join(", then ", held)}");
    }

    private static long Memory()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return Environment.WorkingSet;
    }
}
