using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Tests.Fakes;
using CoreSrl.Tests.Storage;

namespace CoreSrl.Tests.Checkpoints.Claims;

/// <summary>A directory that cannot be written says so when it is opened, and what to do.</summary>
public sealed class UnwritableDirectoryTests
{
    [Fact]
    public async Task One_in_which_nothing_can_be_written()
    {
        var storage = ReadOnly(new());
        var error = await Assert.ThrowsAsync<StorageException>(() => CheckpointManager.OpenAsync(storage));
        Assert.Equal("memory cannot be written: 'claim.json' in memory: no permission. Choose another directory, or open this one only to look.", error.Message);
        Assert.Equal((StorageErrorKind.Permanent, "claim.json"), (error.Kind, error.Key));
        await (await CheckpointManager.OpenReadOnlyAsync(storage)).DisposeAsync();
    }

    [Fact]
    public async Task One_that_another_machine_may_hold()
    {
        var shared = new SharedDirectory();
        await using var holder = await shared.OpenOldAsync();
        var error = await Assert.ThrowsAsync<StorageException>(() => CheckpointManager.OpenAsync(ReadOnly(shared.Objects)));
        Assert.StartsWith("memory cannot be written: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_cannot_be_created()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["file"], "");
        var error = await Assert.ThrowsAsync<StorageException>(() => CheckpointManager.OpenAsync(StorageCalls.Open(folder["file", "root"])));
        Assert.StartsWith($"{folder["file", "root"]} cannot be written: ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("). Choose another directory, or open this one only to look.", error.Message, StringComparison.Ordinal);
        await (await CheckpointManager.OpenReadOnlyAsync(StorageCalls.Open(folder["file", "root"]))).DisposeAsync();
    }

    private static FaultyStorage ReadOnly(MemoryStorage objects) =>
        new(objects) { Before = (_, key) => throw new StorageException(StorageErrorKind.Permanent, key, $"'{key}' in memory: no permission.") };
}
