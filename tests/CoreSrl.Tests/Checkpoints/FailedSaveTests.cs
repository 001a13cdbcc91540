using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Tests.Fakes;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Tests.Checkpoints;

/// <summary>A background save that fails: when it is told, to whom, how often, and what becomes of everything else.</summary>
public sealed class FailedSaveTests
{
    private readonly MemoryStorage _memory = new();
    private readonly FaultyStorage _storage;
    private readonly RecordingLoggers _loggers = new();
    private readonly JumpingClock _clock = new();
    private readonly TestModel _model = new(1, new() { Frozen = 3 });

    public FailedSaveTests() => _storage = new(_memory);

    [Fact]
    public async Task Training_goes_on_until_the_next_boundary_and_is_told_there_once_whether_or_not_a_save_is_due()
    {
        await using var manager = await OpenAsync();
        Break(".pt");
        var save = await manager.SaveAsync(1, null, _model);
        await EndOf(save);
        var told = await Assert.ThrowsAsync<StorageException>(() => manager.SaveIfDueAsync(2, null, _model));
        Assert.Equal("no room", told.Message);
        Assert.Null(await manager.SaveIfDueAsync(3, null, _model));
        await manager.FlushAsync();
    }

    [Fact]
    public async Task The_next_save_that_is_asked_for_tells_it_once_and_is_not_begun()
    {
        await using var manager = await OpenAsync();
        Break(".pt");
        await manager.SaveAsync(1, null, _model);
        await Assert.ThrowsAsync<StorageException>(() => manager.SaveAsync(2, null, _model));
        Mend();
        await await manager.SaveAsync(3, null, _model);
        Assert.Equal([3], manager.Checkpoints.Select(saved => saved.Episode));
    }

    [Fact]
    public async Task A_flush_at_the_end_of_training_tells_it_once()
    {
        await using var manager = await OpenAsync();
        Break("/metadata.json");
        await manager.SaveAsync(1, null, _model);
        await Assert.ThrowsAsync<StorageException>(() => manager.FlushAsync());
        await manager.FlushAsync();
    }

    [Fact]
    public async Task Disposed_before_anybody_was_told_the_manager_tells_it_and_leaves_the_directory_free()
    {
        var manager = await OpenAsync();
        Break("training_state.json");
        await manager.SaveAsync(1, null, _model);
        Assert.Equal("no room", (await Assert.ThrowsAsync<StorageException>(() => manager.DisposeAsync().AsTask())).Message);
        Assert.Equal(["The last checkpoint could not be saved: no room"], _loggers.Messages(LogLevel.Error));
        await manager.DisposeAsync();
        Mend();
        await (await OpenAsync()).DisposeAsync();
    }

    [Fact]
    public async Task Whoever_awaits_the_save_is_told_and_can_save_again_at_once()
    {
        await using var manager = await OpenAsync();
        Break(".pt");
        var save = await manager.SaveAsync(1, null, _model);
        await Assert.ThrowsAsync<StorageException>(async () => await save);
        await manager.FlushAsync();
        Mend();
        Assert.Equal(1, (await await manager.SaveAsync(1, null, _model)).Episode);
        await manager.DisposeAsync();
        Assert.Empty(_loggers.Messages(LogLevel.Error));
    }

    [Fact]
    public async Task An_earlier_saves_failure_awaited_late_takes_nothing_from_a_later_one()
    {
        await using var manager = await OpenAsync();
        Break(".pt");
        var first = await manager.SaveAsync(1, null, _model);
        await Assert.ThrowsAsync<StorageException>(() => manager.FlushAsync());
        var second = await manager.SaveAsync(2, null, _model);
        await EndOf(second);
        await Assert.ThrowsAsync<StorageException>(async () => await first);
        await Assert.ThrowsAsync<StorageException>(() => manager.FlushAsync());
    }

    [Fact]
    public async Task A_storage_that_gives_up_by_itself_has_failed_and_is_told_at_the_next_boundary()
    {
        await using var manager = await OpenAsync();
        _storage.Before = (_, key) => key.EndsWith(".pt", StringComparison.Ordinal) ? throw new TaskCanceledException("the client's timeout") : Task.CompletedTask;
        await EndOf(await manager.SaveAsync(1, null, _model));
        Assert.Equal("the client's timeout", (await Assert.ThrowsAsync<StorageException>(() => manager.SaveIfDueAsync(2, null, _model))).Message);
    }

    [Fact]
    public async Task A_save_whose_storage_is_away_for_a_while_is_taken()
    {
        var times = 20;
        await using var manager = await OpenAsync(retryFor: TimeSpan.FromMinutes(10));
        _storage.Before = (_, key) => key.EndsWith("/metadata.json", StringComparison.Ordinal) && times-- > 0 ? throw Away(key) : Task.CompletedTask;
        await await manager.SaveAsync(1, null, _model);
        Assert.Equal(20, _loggers.Messages(LogLevel.Warning).Count);
        Assert.True((await manager.VerifyAsync(Assert.Single(manager.Checkpoints).Id)).IsWhole);
    }

    [Fact]
    public async Task A_save_whose_storage_stays_away_is_told_when_the_patience_is_at_its_end()
    {
        await using var manager = await OpenAsync(retryFor: TimeSpan.FromMinutes(10));
        _storage.Before = (_, key) => key.EndsWith("/metadata.json", StringComparison.Ordinal) ? throw Away(key) : Task.CompletedTask;
        var start = _clock.Now;
        await EndOf(await manager.SaveAsync(1, null, _model));
        await Assert.ThrowsAsync<StorageException>(() => manager.SaveIfDueAsync(2, null, _model));
        Assert.InRange(_clock.Now - start, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(11));
    }

    [Theory]
    [InlineData(".pt", false)]
    [InlineData("optimizer_state", false)]
    [InlineData("/metadata.json", false)]
    [InlineData("claim.json", false)]
    [InlineData(".pt", true)]
    [InlineData("/metadata.json", true)]
    public async Task Earlier_checkpoints_stay_whole_and_a_later_save_works_when_the_storage_does(string part, bool passing)
    {
        await using var manager = await OpenAsync();
        var first = await await manager.SaveAsync(1, null, _model);
        await _model.ApplyGradientsAsync(new(), default);
        Break(part, passing ? StorageErrorKind.Transient : StorageErrorKind.Permanent);
        await EndOf(await manager.SaveAsync(2, null, _model));
        Assert.Equal([first.Id], manager.Checkpoints.Select(saved => saved.Id));
        await AssertWholeAsync(1);
        await Assert.ThrowsAsync<StorageException>(() => manager.FlushAsync());

        Mend();
        var third = await await manager.SaveAsync(3, null, _model);
        await AssertWholeAsync(3, 1);
        Assert.Equal(first.Id, (string?)(await manager.DescribeAsync(third.Id)).Document["parent"]);
        var restored = new TestModel(2, new() { Frozen = 3 });
        Assert.Equal(3, (await manager.RestoreLatestAsync(restored))!.Step);
        Assert.True(Bench.Same([_model], [restored]));
    }

    [Theory]
    [InlineData(".pt")]
    [InlineData("training_state.json")]
    [InlineData("/metadata.json")]
    public async Task What_it_has_written_it_removes(string part)
    {
        await using var manager = await OpenAsync();
        await await manager.SaveAsync(1, null, _model);
        await manager.FlushAsync();
        var before = _memory.Objects.Keys.Order().ToList();
        Break(part);
        await EndOf(await manager.SaveAsync(2, null, _model));
        Assert.Equal(before, _memory.Objects.Keys.Order());
        await Assert.ThrowsAsync<StorageException>(() => manager.FlushAsync());
    }

    [Theory]
    [InlineData(StorageErrorKind.Transient)]
    [InlineData(StorageErrorKind.Permanent)]
    public async Task What_it_cannot_remove_is_gone_after_a_later_save_and_the_next_start(StorageErrorKind kind)
    {
        var manager = await OpenAsync();
        _storage.Before = (verb, key) => verb == "delete" || key.EndsWith("/metadata.json", StringComparison.Ordinal) ? throw Failure(kind, key) : Task.CompletedTask;
        var failed = await manager.SaveAsync(1, null, _model);
        await EndOf(failed);
        await Assert.ThrowsAsync<StorageException>(() => manager.FlushAsync());
        Assert.Contains(_memory.Objects.Keys, key => key.StartsWith(failed.Id, StringComparison.Ordinal));

        Mend();
        var saved = await await manager.SaveAsync(2, null, _model);
        await manager.DisposeAsync();
        await (await OpenAsync()).DisposeAsync();
        Assert.DoesNotContain(_memory.Objects.Keys, key => key.StartsWith(failed.Id, StringComparison.Ordinal));
        Assert.Contains($"{saved.Id}/metadata.json", _memory.Objects.Keys);
        await AssertWholeAsync(2);
    }

    [Fact]
    public async Task A_directory_that_is_emptied_while_a_checkpoint_is_written_can_be_used_anew()
    {
        await using (var manager = await OpenAsync())
        {
            _storage.Before = (_, key) =>
            {
                if (key.EndsWith(".pt", StringComparison.Ordinal))
                    _memory.Objects.Clear();
                return Task.CompletedTask;
            };
            await EndOf(await manager.SaveAsync(1, null, _model));
            var lost = await Assert.ThrowsAsync<ClaimLostException>(() => manager.SaveIfDueAsync(2, null, _model));
            Assert.Equal(
                "The claim on memory is gone: the directory was deleted, emptied or moved away while it was in use; if it was moved, move it back. "
                + "Nothing more is saved there by this process; run again to go on from the newest checkpoint, or choose another directory.",
                lost.Message);
            await Assert.ThrowsAsync<ClaimLostException>(() => manager.SaveIfDueAsync(3, null, _model));
        }

        Mend();
        await using var later = await OpenAsync();
        Assert.Empty(later.Damaged);
        Assert.Null(await later.RestoreLatestAsync(_model));
        await await later.SaveAsync(1, null, _model);
        await AssertWholeAsync(1);
    }

    [Fact]
    public async Task The_name_of_a_failed_save_goes_to_no_other_for_it_may_be_there_after_all()
    {
        await using var manager = await OpenAsync();
        _storage.After = (_, key) => key.EndsWith("/metadata.json", StringComparison.Ordinal) ? throw Failure(StorageErrorKind.Permanent, key) : Task.CompletedTask;
        var failed = await manager.SaveAsync(5, null, _model);
        await Assert.ThrowsAsync<StorageException>(async () => await failed);
        Mend();
        var saved = await await manager.SaveAsync(5, null, _model);
        Assert.NotEqual(failed.Id, saved.Id);
        await AssertWholeAsync(5, 5);
    }

    [Fact]
    public async Task Nobody_being_told_ends_no_process()
    {
        var unobserved = new ConcurrentQueue<string>();
        void Note(object? sender, UnobservedTaskExceptionEventArgs e) => unobserved.Enqueue(e.Exception.ToString());
        TaskScheduler.UnobservedTaskException += Note;
        try
        {
            await FailAndForgetAsync();
            for (var i = 0; i < 3; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }

            Assert.DoesNotContain(unobserved, told => told.Contains("nobody hears of this", StringComparison.Ordinal));
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Note;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task FailAndForgetAsync()
    {
        var storage = new FaultyStorage(new MemoryStorage());
        var manager = await CheckpointManager.OpenAsync(storage);
        storage.Before = (_, _) => throw new StorageException(StorageErrorKind.Permanent, "k", "nobody hears of this");
        var save = await manager.SaveAsync(1, null, new TestModel(1, new()));
        await EndOf(save);
    }

    /// <summary>Waits until a save has ended, and does not look how.</summary>
    private static async Task EndOf(CheckpointSave save) => await ((Task)save.Durable).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static StorageException Away(string key) => Failure(StorageErrorKind.Transient, key);

    private static StorageException Failure(StorageErrorKind kind, string key) => new(kind, key, "no room");

    private Task<CheckpointManager> OpenAsync(TimeSpan retryFor = default) => CheckpointManager.OpenAsync(
        _storage, new() { MaxQueuedBytes = 0, MaxCheckpoints = -1, RetryFor = retryFor }, new() { Time = _clock, Loggers = _loggers });

    private void Break(string part, StorageErrorKind kind = StorageErrorKind.Permanent) =>
        _storage.Before = (verb, key) => verb != "delete" && key.Contains(part, StringComparison.Ordinal) ? throw Failure(kind, key) : Task.CompletedTask;

    private void Mend() => _storage.Before = _storage.After = (_, _) => Task.CompletedTask;

    /// <summary>Asserts that another process finds these checkpoints, newest first, and every one whole.</summary>
    private async Task AssertWholeAsync(params long[] steps)
    {
        await using var later = await CheckpointManager.OpenReadOnlyAsync(_memory);
        Assert.Equal(steps, later.Checkpoints.Select(saved => saved.Episode));
        Assert.Empty(later.Damaged);
        await foreach (var verdict in later.VerifyAllAsync())
            Assert.True(verdict.IsWhole, string.Join(' ', verdict.Problems));
    }
}
