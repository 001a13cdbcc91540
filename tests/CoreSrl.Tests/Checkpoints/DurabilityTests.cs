using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Tests.Fakes;

namespace CoreSrl.Tests.Checkpoints;

/// <summary>What a training loop waits for: a copy, or, where it asks for it, durability.</summary>
public sealed class DurabilityTests
{
    private readonly MemoryStorage _memory = new();
    private readonly FaultyStorage _storage;
    private readonly TestModel _model = new(1, new());

    public DurabilityTests() => _storage = new(_memory);

    [Fact]
    public async Task Not_asynchronous_a_checkpoint_is_durable_when_the_call_returns()
    {
        await using var manager = await OpenAsync(asynchronous: false);
        for (var step = 1; step <= 3; step++)
        {
            Assert.True((await manager.SaveIfDueAsync(step, null, _model))!.Durable.IsCompletedSuccessfully);
            Assert.Equal(step, await NewestAsync());
        }

        Assert.True((await manager.SaveAsync(4, null, _model, final: true)).Durable.IsCompletedSuccessfully);
        Assert.Equal(4, await NewestAsync());
    }

    [Fact]
    public async Task Not_asynchronous_a_failure_is_told_by_the_call_itself_and_once()
    {
        await using var manager = await OpenAsync(asynchronous: false);
        _storage.Before = (_, key) => key.EndsWith(".pt", StringComparison.Ordinal) ? throw new StorageException(StorageErrorKind.Permanent, key, "no room") : Task.CompletedTask;
        await Assert.ThrowsAsync<StorageException>(() => manager.SaveIfDueAsync(1, null, _model));
        await Assert.ThrowsAsync<StorageException>(() => manager.SaveAsync(2, null, _model));
        _storage.Before = (_, _) => Task.CompletedTask;
        await manager.SaveAsync(3, null, _model);
        Assert.Equal([3], manager.Checkpoints.Select(saved => saved.Episode));
    }

    [Fact]
    public async Task Awaited_the_save_is_durable()
    {
        await using var manager = await OpenAsync();
        for (var step = 1; step <= 3; step++)
        {
            await await manager.SaveAsync(step, null, _model);
            Assert.Equal(step, await NewestAsync());
        }
    }

    [Fact]
    public async Task A_storage_that_blocks_its_caller_does_not_hold_up_training()
    {
        using var gate = new ManualResetEventSlim();
        await using var manager = await OpenAsync();
        _storage.Before = (_, _) =>
        {
            Assert.True(gate.Wait(TimeSpan.FromMinutes(1)));
            return Task.CompletedTask;
        };
        var before = _model.Weights.ToArray();
        var save = await manager.SaveIfDueAsync(1, null, _model);
        for (var step = 2; step <= 9; step++)
        {
            await _model.ApplyGradientsAsync(new(), default);
            _model.Weights.Fill(step);
        }

        Assert.Equal(["create claim.json"], _storage.Changes);
        Assert.False(save!.Durable.IsCompleted);
        gate.Set();
        await save;
        var restored = new TestModel(2, new());
        await manager.RestoreAsync(save.Id, restored);
        Assert.Equal(before, restored.Weights.ToArray());
        Assert.Equal(0, restored.Steps);
    }

    private Task<CheckpointManager> OpenAsync(bool asynchronous = true) =>
        CheckpointManager.OpenAsync(_storage, new() { SaveInterval = 1, MaxCheckpoints = -1, Asynchronous = asynchronous });

    /// <summary>The newest step that another process finds.</summary>
    private async Task<long> NewestAsync()
    {
        await using var later = await CheckpointManager.OpenReadOnlyAsync(_memory);
        Assert.True((await later.VerifyAsync(later.Checkpoints[0].Id)).IsWhole);
        return later.Checkpoints[0].Episode;
    }
}
