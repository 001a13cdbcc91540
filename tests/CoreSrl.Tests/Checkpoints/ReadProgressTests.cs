using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Checkpoints.Loading;
using CoreSrl.Tests.Fakes;
using CoreSrl.Tests.Storage;

namespace CoreSrl.Tests.Checkpoints;

/// <summary>Whoever verifies or exports is told how far it is.</summary>
public sealed class ReadProgressTests
{
    [Fact]
    public async Task Verifying_counts_every_byte_and_shared_base_weights_once()
    {
        var (storage, ids) = await SaveTwoAsync();
        await using var manager = await CheckpointManager.OpenReadOnlyAsync(storage);
        var told = new Told();
        await foreach (var verdict in manager.VerifyAllAsync(told))
            Assert.True(verdict.IsWhole);
        var bytes = storage.Objects.Where(entry => entry.Key != "claim.json" && !entry.Key.EndsWith("metadata.json", StringComparison.Ordinal)).Sum(entry => (long)entry.Value.Length);
        told.AssertCountsUpTo(bytes);
        Assert.Equal(ids.Order(), told.All.Select(progress => progress.CheckpointId).Distinct().Order());

        var one = new Told();
        await manager.VerifyAsync(ids[0], one);
        Assert.True(one.All[^1].TotalBytes < bytes);
        one.AssertCountsUpTo(one.All[^1].TotalBytes);
    }

    [Fact]
    public async Task Exporting_counts_what_is_checked_and_what_is_passed_on()
    {
        var (storage, ids) = await SaveTwoAsync();
        await using var manager = await CheckpointManager.OpenReadOnlyAsync(storage);
        var told = new Told();
        using var folder = new TemporaryFolder();
        var file = await manager.ExportAsync(ids[0], "model", ExportFormat.Safetensors, folder["out"], told);
        told.AssertCountsUpTo(told.All[^1].TotalBytes);
        Assert.True(told.All[^1].TotalBytes >= 2 * (8192 + 4096), $"{told.All[^1].TotalBytes} bytes for a file of {new FileInfo(file).Length}");
    }

    [Fact]
    public void What_is_read_again_is_not_counted_beyond_the_end()
    {
        var told = new Told();
        var progress = new ReadProgress(told);
        progress.Expect(10);
        var read = progress.Of("a")!;
        read(8);
        read(8);
        Assert.Equal([(8L, 10L), (10L, 10L)], told.All.Select(report => (report.Bytes, report.TotalBytes)));
        Assert.Null(new ReadProgress(null).Of("a"));
    }

    private static async Task<(MemoryStorage Storage, string[] Ids)> SaveTwoAsync()
    {
        var storage = new MemoryStorage();
        var state = new TensorState(new ManagedTensor(TensorPart.Weights, new("weight", TensorType.Float32, 2048)), new ManagedTensor(TensorPart.Frozen, new("base", TensorType.Float32, 1024)));
        await using var manager = await CheckpointManager.OpenAsync(storage, new() { MaxCheckpoints = -1 });
        await manager.SaveAsync(1, null, state);
        await manager.SaveAsync(2, null, state);
        await manager.FlushAsync();
        return (storage, [.. manager.Checkpoints.Select(saved => saved.Id)]);
    }

    private sealed class Told : IProgress<CheckpointProgress>
    {
        private readonly Lock _gate = new();

        public List<CheckpointProgress> All { get; } = [];

        public void Report(CheckpointProgress value)
        {
            lock (_gate)
                All.Add(value);
        }

        public void AssertCountsUpTo(long total)
        {
            Assert.NotEmpty(All);
            Assert.Equal(total, All.Max(progress => progress.Bytes));
            Assert.All(All, progress => Assert.Equal(total, progress.TotalBytes));
        }
    }
}
