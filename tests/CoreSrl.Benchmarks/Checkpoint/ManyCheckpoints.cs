using CoreSrl.Benchmarks.Harness;
using CoreSrl.Plugins.LocalStorage;
using CoreSrl.Tests.Fakes;

namespace CoreSrl.Benchmarks.Checkpoint;

/// <summary>What many checkpoints in a directory cost: a save among them, and a list of them.</summary>
internal static class ManyCheckpoints
{
    public const int Few = 10;
    public const int Many = 10_000;

    public const string List = "srl list of 10,000, from process start";
    public const string Version = "srl --version, from process start";

    private const int SavesAtOnce = 5;

    /// <summary>What a directory's quantities are called.</summary>
    public static (string HeldUp, string Durable) Names(int count) =>
        ($"a tiny save among {count:N0}: training is held up", $"a tiny save among {count:N0}: durable");

    /// <summary>Measures in directories of <see cref="Few"/> and <see cref="Many"/>, by turns.</summary>
    public static async Task<IReadOnlyList<Measurement>> MeasureAsync(int runs, Action<string> progress)
    {
        using var few = new TemporaryFolder();
        using var many = new TemporaryFolder();
        using var workload = Workload.Tiny();
        foreach (var (folder, count) in new[] { (few, Few), (many, Many) })
        {
            progress($"making {count:N0} checkpoints");
            await FillAsync(folder.Path, workload, count);
        }

        await using var amongFew = await TrainingLoop.BeginAsync(LocalStorage.In(few.Path), workload.State, Few);
        await using var amongMany = await TrainingLoop.BeginAsync(LocalStorage.In(many.Path), workload.State, Many);
        return await Interleaved.TakeAsync(
            [
                Probe.Of(Names(Few).HeldUp, Names(Few).Durable, () => SaveAsync(amongFew, Few)),
                Probe.Of(Names(Many).HeldUp, Names(Many).Durable, () => SaveAsync(amongMany, Many)),
                Probe.Of(List, () => SrlProcess.RunAsync("list", "--dir", many.Path)),
                Probe.Of(Version, () => SrlProcess.RunAsync("--version")),
            ],
            runs,
            done => progress($"many checkpoints: {done}"));
    }

    /// <summary>The mean of a few saves: one alone is too short to be trusted.</summary>
    private static async Task<(TimeSpan HeldUp, TimeSpan Durable)> SaveAsync(TrainingLoop loop, int count)
    {
        var (heldUp, durable) = (TimeSpan.Zero, TimeSpan.Zero);
        for (var save = 0; save < SavesAtOnce; save++)
        {
            var took = await loop.SaveAsync();
            (heldUp, durable) = (heldUp + took.HeldUp, durable + took.Durable);
        }

        return loop.Count == count
            ? (heldUp / SavesAtOnce, durable / SavesAtOnce)
            : throw new InvalidOperationException($"There are {loop.Count} checkpoints where there should be {count}.");
    }

    /// <summary>The engine makes them in memory, where nothing is flushed; then they are written as files.</summary>
    private static async Task FillAsync(string folder, Workload workload, int count)
    {
        var storage = new MemoryStorage { Now = () => DateTimeOffset.UtcNow };
        await using (var loop = await TrainingLoop.BeginAsync(storage, workload.State, keep: -1))
        {
            for (var save = 0; save < count; save++)
                await loop.SaveAsync();
        }

        foreach (var (key, content) in storage.Objects)
        {
            var path = Path.Combine(folder, key);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, content);
        }
    }
}
