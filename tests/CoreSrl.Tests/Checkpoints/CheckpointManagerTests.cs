using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Tests.Fakes;
using CoreSrl.Tests.Storage;

namespace CoreSrl.Tests.Checkpoints;

public sealed class CheckpointManagerTests
{
    [Fact]
    public async Task A_save_that_failed_is_no_ones_parent()
    {
        var storage = new FaultyStorage(new MemoryStorage());
        await using var manager = await CheckpointManager.OpenAsync(storage);
        var model = Model();
        var first = await await manager.SaveAsync(1, null, model);
        storage.Before = (_, key) => key.EndsWith("metadata.json", StringComparison.Ordinal)
            ? throw new StorageException(StorageErrorKind.Permanent, key, "no room")
            : Task.CompletedTask;
        await manager.SaveAsync(2, null, model);
        await Assert.ThrowsAsync<StorageException>(manager.FlushAsync);
        storage.Before = (_, _) => Task.CompletedTask;
        var third = await await manager.SaveAsync(3, null, model);
        Assert.Equal(first.Id, await ParentAsync(manager, third));
        Assert.Equal(third.Id, await ParentAsync(manager, await await manager.SaveAsync(4, null, model)));
        await manager.RestoreAsync(first.Id, model);
        Assert.Equal(first.Id, await ParentAsync(manager, await await manager.SaveAsync(5, null, model)));
    }

    [Fact]
    public async Task A_restore_does_not_change_the_frozen_weights_that_a_save_is_still_storing()
    {
        var storage = new FaultyStorage(new MemoryStorage());
        await using var manager = await CheckpointManager.OpenAsync(storage);
        var first = await await manager.SaveAsync(1, null, Model(frozen: 1.5f));
        var model = Model(frozen: 7);
        TaskCompletionSource reached = new(), mayGoOn = new();
        storage.Before = async (_, key) =>
        {
            if (key != "claim.json")
                return;
            reached.TrySetResult(); // what is frozen is digested, and not stored yet
            await mayGoOn.Task;
        };
        var second = await manager.SaveAsync(2, null, model);
        await reached.Task;
        var looked = false;
        storage.Reading = (_, key) =>
        {
            looked |= key.StartsWith(first.Id, StringComparison.Ordinal);
            return Task.CompletedTask;
        };
        var restored = manager.RestoreAsync(first.Id, model);
        var lookedBefore = looked;
        mayGoOn.SetResult();
        await restored;
        await second;
        Assert.False(lookedBefore);
        Assert.All([first.Id, second.Id], id => Assert.Empty(manager.VerifyAsync(id).Result.Problems));
        Assert.Equal(1.5f, ((ManagedTensor)model.Tensors[0]).Floats[0]);
        await manager.RestoreAsync(second.Id, model);
        Assert.Equal(7, ((ManagedTensor)model.Tensors[0]).Floats[0]);
    }

    [Fact]
    public async Task A_disposed_manager_writes_nothing_more_and_leaves_the_directory_to_the_next()
    {
        var storage = new MemoryStorage();
        var manager = await CheckpointManager.OpenAsync(storage);
        await await manager.SaveAsync(1, null, Model());
        await manager.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => manager.SaveAsync(2, null, Model()));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => manager.PruneAsync());
        await using var next = await CheckpointManager.OpenAsync(storage);
        await manager.DisposeAsync();
        await await next.SaveAsync(2, null, Model());
        Assert.Equal([2, 1], next.Checkpoints.Select(saved => saved.Episode));
    }

    [Fact]
    public async Task A_format_that_there_is_not_is_refused()
    {
        using var folder = new TemporaryFolder();
        await using var manager = await CheckpointManager.OpenAsync(new MemoryStorage());
        var saved = await await manager.SaveAsync(1, null, Model());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => manager.ExportAsync(saved.Id, "model", (ExportFormat)7, folder["out"]));
        Assert.False(Directory.Exists(folder["out"]));
    }

    private static TestModel Model(float frozen = 1.5f)
    {
        var model = new TestModel(1, new() { Width = 8, Frozen = 100 });
        ((ManagedTensor)model.Tensors[0]).Floats.Fill(frozen);
        return model;
    }

    private static async Task<string?> ParentAsync(CheckpointManager manager, SavedCheckpoint saved) =>
        (string?)(await manager.DescribeAsync(saved.Id)).Document["parent"];
}
