using System.Buffers;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Checkpoints.Copying;
using CoreSrl.Checkpoints.Storing;
using CoreSrl.Tests.Fakes;

namespace CoreSrl.Tests.Checkpoints;

/// <summary>Checkpoints are copied between directories; the end-to-end tests do it with real processes, these with a storage that fails.</summary>
public sealed class CopyTests
{
    [Fact]
    public async Task Base_weights_come_first_and_once_and_metadata_last()
    {
        var source = new MemoryStorage();
        var ids = await TrainAsync(source);
        var destination = new FaultyStorage(new MemoryStorage());
        var told = new List<CheckpointProgress>();
        var report = await CopyAsync(source, destination, [.. ids, ids[0]], new Told(told));
        Assert.Equal(ids, report.Copied);
        Assert.Empty(report.AlreadyThere);

        var changes = destination.Changes.Where(change => !change.Contains("claim", StringComparison.Ordinal)).ToList();
        Assert.StartsWith("write base_weights/", changes[0], StringComparison.Ordinal);
        Assert.Single(changes, change => change.Contains("base_weights/", StringComparison.Ordinal));
        foreach (var id in ids)
            Assert.Equal($"create {id}/metadata.json", changes.Last(change => change.Contains(id, StringComparison.Ordinal)));
        Assert.Equal(told[^1].TotalBytes, told.Max(progress => progress.Bytes));
        Assert.Equal(report.BytesCopied, source.Objects.Where(entry => entry.Key != "claim.json").Sum(entry => (long)entry.Value.Length));
    }

    [Fact]
    public async Task A_checkpoint_that_its_run_removes_meanwhile_is_passed_over_and_nothing_of_it_stays()
    {
        var source = new MemoryStorage();
        var ids = await TrainAsync(source);
        var destination = new FaultyStorage(new MemoryStorage());
        destination.Before = (verb, key) =>
        {
            // Retention: the metadata first, then the data.
            if (key.StartsWith(ids[1], StringComparison.Ordinal))
            {
                foreach (var gone in source.Objects.Keys.Where(gone => gone.StartsWith(ids[1], StringComparison.Ordinal)))
                    source.Objects.TryRemove(gone, out _);
            }

            return Task.CompletedTask;
        };
        var report = await CopyAsync(source, destination, ids);
        Assert.Equal([ids[1]], report.Removed);
        Assert.Equal([ids[0], ids[2]], report.Copied);
        Assert.DoesNotContain(ids[1], await FoldersAsync(destination));
    }

    [Fact]
    public async Task Another_checkpoint_of_the_same_id_is_left_alone()
    {
        var (source, other) = (new MemoryStorage(), new MemoryStorage());
        var ids = await TrainAsync(source);
        Assert.Equal(ids, await TrainAsync(other, "another run"));
        var before = other.Objects.Where(entry => entry.Key != "claim.json").ToDictionary();
        var refusal = await Assert.ThrowsAsync<CheckpointMismatchException>(() => CopyAsync(source, other, ids));
        Assert.Contains($"holds another checkpoint '{ids[0]}', of run 'another run'", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, other.Objects.Where(entry => entry.Key != "claim.json").ToDictionary());
    }

    [Fact]
    public async Task A_destination_that_does_not_keep_the_metadata_is_not_called_a_backup()
    {
        var source = new MemoryStorage();
        var ids = await TrainAsync(source);
        var memory = new MemoryStorage();
        var destination = new FaultyStorage(memory)
        {
            After = (_, key) =>
            {
                if (key.EndsWith("metadata.json", StringComparison.Ordinal) && memory.Objects.TryGetValue(key, out var written))
                    memory.Objects[key] = [.. written, (byte)' '];
                return Task.CompletedTask;
            },
        };
        var failure = await Assert.ThrowsAsync<StorageException>(() => CopyAsync(source, destination, ids));
        Assert.Contains("is not what was written just now", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_destination_that_does_not_keep_what_was_written_gets_no_checkpoint()
    {
        var source = new MemoryStorage();
        var ids = await TrainAsync(source);
        var memory = new MemoryStorage();
        var destination = new FaultyStorage(memory)
        {
            After = (_, key) =>
            {
                if (key.EndsWith(".pt", StringComparison.Ordinal))
                    memory.Objects[key] = new byte[memory.Objects[key].Length];
                return Task.CompletedTask;
            },
        };
        var failure = await Assert.ThrowsAsync<StorageException>(() => CopyAsync(source, destination, ids));
        Assert.Contains("though it was written so just now", failure.Message, StringComparison.Ordinal);
        await using var opened = await CheckpointManager.OpenReadOnlyAsync(memory);
        Assert.Empty(opened.Checkpoints);
        Assert.Empty(opened.Damaged);
    }

    [Fact]
    public async Task No_byte_of_a_damaged_part_is_passed_on()
    {
        var storage = new MemoryStorage();
        var bytes = new byte[FileRecord.PartLength + 1000];
        new Random(5).NextBytes(bytes);
        var record = FileDigest.Of(new ReadOnlySequence<byte>(bytes));
        storage.Objects["file"] = (byte[])bytes.Clone();
        using (var whole = new CheckedSource(storage, "file", record, _ => { }))
        {
            var across = new byte[2000];
            await whole.ReadAsync(FileRecord.PartLength - 1000, across, default);
            Assert.Equal(bytes[(FileRecord.PartLength - 1000)..], across);
        }

        storage.Objects["file"][^1] ^= 1;
        using var damaged = new CheckedSource(storage, "file", record, _ => { });
        await damaged.ReadAsync(0, new byte[1000], default);
        var destination = new byte[10];
        await Assert.ThrowsAsync<StorageException>(() => damaged.ReadAsync(FileRecord.PartLength, destination, default).AsTask());
        Assert.Equal(new byte[10], destination);
        Assert.Contains($"from byte {FileRecord.PartLength} to {bytes.Length}", damaged.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Base_weights_that_go_with_pruning_are_counted()
    {
        var storage = new MemoryStorage();
        await TrainAsync(storage);
        await using (var later = await Bench.OpenAsync(storage, frozen: 20, clock: new() { Now = new StillClock().Now + TimeSpan.FromHours(1) }))
            await later.SaveAsync(9);
        await using var manager = await CheckpointManager.OpenAsync(storage);
        var before = Bytes();
        var report = await manager.PruneAsync(new PruneOptions { Keep = [new CoreSrl.Checkpoints.Policies.KeepLastPolicy(new() { Count = 1 })] });
        Assert.Single(report.BaseWeightsRemoved);
        Assert.Equal((3, 1), (report.Removed.Count, report.Left));
        Assert.Equal(before - Bytes(), report.BytesFreed);

        long Bytes() => storage.Objects.Where(entry => entry.Key != "claim.json").Sum(entry => (long)entry.Value.Length);
    }

    /// <summary>Saves three checkpoints with shared base weights.</summary>
    /// <returns>Their ids, newest first.</returns>
    private static async Task<string[]> TrainAsync(MemoryStorage storage, string run = "run")
    {
        await using var bench = await Bench.OpenAsync(storage, frozen: 10);
        for (var episode = 1; episode <= 3; episode++)
            await bench.SaveAsync(episode, run);
        return bench.Ids;
    }

    private static async Task<CopyReport> CopyAsync(ICheckpointStorage source, ICheckpointStorage destination, string[] ids, IProgress<CheckpointProgress>? progress = null)
    {
        await using var manager = await CheckpointManager.OpenReadOnlyAsync(new Elsewhere(source));
        return await manager.CopyToAsync(destination, ids, progress);
    }

    private static async Task<List<string>> FoldersAsync(ICheckpointStorage storage)
    {
        var folders = new List<string>();
        await foreach (var folder in storage.ListFoldersAsync("", default))
            folders.Add(folder);
        return folders;
    }

    private sealed class Told(List<CheckpointProgress> told) : IProgress<CheckpointProgress>
    {
        public void Report(CheckpointProgress value)
        {
            lock (told)
                told.Add(value);
        }
    }

    /// <summary>Another storage under another name: two in memory are called the same.</summary>
    private sealed class Elsewhere(ICheckpointStorage inner) : ICheckpointStorage
    {
        public string Location => "elsewhere";

        public StorageCapabilities Capabilities => inner.Capabilities;

        public ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken) => inner.StatAsync(key, cancellationToken);

        public ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
            inner.ReadAsync(key, offset, destination, cancellationToken);

        public ValueTask<ObjectInfo> WriteAsync(string key, System.Buffers.ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("The source of a copy is only read.");

        public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

        public ValueTask DeleteAsync(string key, CancellationToken cancellationToken) => throw new InvalidOperationException("The source of a copy is only read.");
    }
}
