using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Tests.Fakes;

namespace CoreSrl.Tests.Checkpoints.Tiers;

/// <summary>A fast and a durable storage whose calls can fail, and a model to save there.</summary>
internal sealed class TwoTiers
{
    public TwoTiers()
    {
        Fast = new(FastObjects);
        // A process that ends in an outage cannot give the directory free: the next one must see that it is dead.
        Durable = new(new AnothersStorage(DurableObjects, AnothersStorage.Dead))
        {
            Before = (_, key) => FailAsync(key),
            Reading = (_, key) => FailAsync(key),
            Listing = prefix => FailAsync(prefix),
        };
    }

    public MemoryStorage FastObjects { get; private set; } = new() { Location = "fast" };

    public MemoryStorage DurableObjects { get; } = new() { Location = "durable" };

    public FaultyStorage Fast { get; private set; }

    public FaultyStorage Durable { get; }

    public RecordingLoggers Loggers { get; } = new();

    public TestModel Model { get; } = new(1, new() { Width = 64, Frozen = 5000 });

    /// <summary>What every call to the durable storage fails with; null while it answers.</summary>
    public StorageErrorKind? Outage { get; set; }

    /// <summary>The steps of the checkpoints that a storage alone holds, newest first.</summary>
    public static async Task<IReadOnlyList<long>> StepsAsync(ICheckpointStorage storage)
    {
        await using var manager = await CheckpointManager.OpenReadOnlyAsync(storage);
        await foreach (var verdict in manager.VerifyAllAsync())
            Assert.Empty(verdict.Problems);
        return [.. manager.Checkpoints.Select(saved => saved.Episode)];
    }

    public Task<CheckpointManager> OpenAsync(int keep = 2, int maxCheckpoints = 3) =>
        CheckpointManager.OpenAsync(Durable, Options(keep, maxCheckpoints), new() { Loggers = Loggers });

    public Task<CheckpointManager> OpenReadOnlyAsync() => CheckpointManager.OpenReadOnlyAsync(Durable, Options(2, 3), new() { Loggers = Loggers });

    public async Task<SavedCheckpoint> SaveAsync(CheckpointManager manager, long step)
    {
        Model.Weights[0] = step;
        return await await manager.SaveAsync(step, null, Model);
    }

    /// <summary>Another machine, which has nothing in its fast tier.</summary>
    public void LoseFast() => Fast = new(FastObjects = new() { Location = "fast" });

    public static byte[] Rot(MemoryStorage storage, string key)
    {
        var content = storage.Objects[key].ToArray();
        content[^1] ^= 1;
        return storage.Objects[key] = content;
    }

    private CheckpointManagerOptions Options(int keep, int maxCheckpoints) =>
        new() { RunName = "test", MaxCheckpoints = maxCheckpoints, SaveInterval = 1, RetryFor = TimeSpan.Zero, FastTier = new(Fast) { Keep = keep } };

    private Task FailAsync(string key) => Outage is { } kind ? throw new StorageException(kind, key, "no answer") : Task.CompletedTask;
}
