using CoreSrl.Abstractions;
using CoreSrl.Tests.Fakes;
using CoreSrl.Tests.Storage;

namespace CoreSrl.Tests.Checkpoints.Claims;

/// <summary>A removal that fails half-way is finished by the next save, or by the next start; nothing that was announced is forgotten.</summary>
public sealed class UnfinishedRemovalTests
{
    private readonly MemoryStorage _objects = new();
    private readonly FaultyStorage _storage;
    private readonly ListeningLoggers _loggers = new();

    public UnfinishedRemovalTests() => _storage = new(_objects);

    public static TheoryData<StorageErrorKind, string, bool> Failures
    {
        get
        {
            var failures = new TheoryData<StorageErrorKind, string, bool>();
            foreach (var kind in new[] { StorageErrorKind.Permanent, StorageErrorKind.Transient })
            {
                foreach (var key in new[] { "/metadata.json", "lora_0.pt", "training_state.json" })
                {
                    failures.Add(kind, key, false);
                    failures.Add(kind, key, true);
                }
            }

            return failures;
        }
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task By_whichever_comes_first(StorageErrorKind kind, string key, bool restarted)
    {
        var bench = await OpenAsync();
        await bench.SaveAsync(1);
        _storage.Before = (verb, k) => verb == "delete" && k.EndsWith(key, StringComparison.Ordinal) ? throw new StorageException(kind, k, "not now") : Task.CompletedTask;
        for (var episode = 2; episode <= 5; episode++)
        {
            await bench.SaveAsync(episode);
            await bench.Store.FlushAsync();
        }

        Assert.Contains(_loggers.Messages, message => message.EndsWith("is saved, but removing older ones failed: not now", StringComparison.Ordinal));
        Assert.True(Folders() > 1);
        _storage.Before = (_, _) => Task.CompletedTask;
        if (restarted)
        {
            await bench.DisposeAsync();
            bench = await OpenAsync();
        }
        else
        {
            await bench.SaveAsync(6);
            await bench.Store.FlushAsync();
        }

        await using (bench)
        {
            await bench.Store.PruneAsync("run", default);
            Assert.Equal([restarted ? 5 : 6], bench.Store.Checkpoints.Select(saved => (int)saved.Episode));
            Assert.Equal(1, Folders());
            await Bench.RestoreAsync(bench.Store, bench.Ids[0]);
        }
    }

    [Fact]
    public async Task What_cannot_be_removed_does_not_keep_the_rest_from_it()
    {
        await using var bench = await OpenAsync();
        await bench.SaveAsync(1);
        var stuck = bench.Ids[0];
        _storage.Before = (verb, key) => verb == "delete" && key.StartsWith(stuck, StringComparison.Ordinal) ? throw new StorageException(StorageErrorKind.Permanent, key, "not allowed") : Task.CompletedTask;
        for (var episode = 2; episode <= 5; episode++)
        {
            await bench.SaveAsync(episode);
            await bench.Store.FlushAsync();
        }

        Assert.Equal([5, 1], bench.Store.Checkpoints.Select(saved => (int)saved.Episode));
        Assert.Equal(2, Folders());
        Assert.Equal("not allowed", (await Assert.ThrowsAsync<StorageException>(() => bench.Store.PruneAsync("run", default))).Message);
        await Bench.RestoreAsync(bench.Store, stuck);
    }

    [Fact]
    public async Task Base_weights_whose_removal_failed_go_after_the_next_save_unless_they_are_needed_again()
    {
        await using (var earlier = await OpenAsync(frozen: 10))
            await earlier.SaveAsync(1);
        await using var bench = await OpenAsync(frozen: 20);
        _storage.Before = (verb, key) => verb == "delete" && key.StartsWith("base_weights/", StringComparison.Ordinal) ? throw new StorageException(StorageErrorKind.Permanent, key, "not now") : Task.CompletedTask;
        await bench.SaveAsync(2);
        await bench.Store.FlushAsync();
        Assert.Equal(2, BaseWeights());
        _storage.Before = (_, _) => Task.CompletedTask;
        await bench.SaveAsync(3);
        await bench.Store.FlushAsync();
        Assert.Equal(1, BaseWeights());
        await Bench.RestoreAsync(bench.Store, bench.Ids[0], frozen: 20, frozenValue: 0);
    }

    [Fact]
    public async Task What_a_save_that_failed_left_goes_after_the_next_save()
    {
        await using var bench = await OpenAsync(frozen: 10);
        _storage.Before = (_, key) => key.EndsWith("/metadata.json", StringComparison.Ordinal) ? throw new StorageException(StorageErrorKind.Transient, key, "not now") : Task.CompletedTask;
        var (id, durable) = await bench.BeginSaveAsync(1);
        await Assert.ThrowsAsync<StorageException>(() => durable);
        await Assert.ThrowsAsync<StorageException>(() => bench.Store.FlushAsync());
        Assert.NotEmpty(await _objects.KeysAsync(id + "/"));
        _storage.Before = (_, _) => Task.CompletedTask;
        await bench.SaveAsync(2);
        await bench.Store.FlushAsync();
        Assert.Empty(await _objects.KeysAsync(id + "/"));
        Assert.Equal(1, BaseWeights());
        await Bench.RestoreAsync(bench.Store, bench.Ids[0], frozen: 10, frozenValue: 0);
    }

    [Fact]
    public async Task A_checkpoint_that_was_committed_though_the_save_was_told_to_have_failed_is_one_and_keeps_its_base_weights()
    {
        await using var bench = await OpenAsync(frozen: 10);
        _storage.After = (verb, key) => verb == "create" && key.EndsWith("/metadata.json", StringComparison.Ordinal) ? CutAsync() : Task.CompletedTask;
        var (id, durable) = await bench.BeginSaveAsync(1);
        await Assert.ThrowsAsync<StorageException>(() => durable);
        await Assert.ThrowsAsync<StorageException>(() => bench.Store.FlushAsync());
        Assert.Empty(bench.Ids);
        (_storage.After, _storage.Before, _storage.Reading) = ((_, _) => Task.CompletedTask, (_, _) => Task.CompletedTask, (_, _) => Task.CompletedTask);

        await bench.Store.PruneAsync("run", default);
        Assert.Equal([id], bench.Ids);
        await Bench.RestoreAsync(bench.Store, id, frozen: 10, frozenValue: 0);

        Task CutAsync()
        {
            _storage.Before = _storage.Reading = (_, key) => throw new StorageException(StorageErrorKind.Transient, key, "the wire is cut");
            throw new StorageException(StorageErrorKind.Transient, "", "the wire is cut");
        }
    }

    private int Folders() => _objects.Objects.Keys.Where(key => key.StartsWith("test_", StringComparison.Ordinal)).Select(key => key.Split('/')[0]).Distinct().Count();

    private int BaseWeights() => _objects.Objects.Keys.Count(key => key.StartsWith("base_weights/", StringComparison.Ordinal));

    private async Task<Bench> OpenAsync(int frozen = 0)
    {
        var bench = await Bench.OpenAsync(_storage, maxCheckpoints: 1, frozen, timers: new JumpingClock(), loggers: _loggers);
        await bench.Store.ClaimAsync(default);
        return bench;
    }
}
