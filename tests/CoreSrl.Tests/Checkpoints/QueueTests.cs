using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Checkpoints.Policies;
using CoreSrl.Checkpoints.Snapshots;
using CoreSrl.Checkpoints.Storing;
using CoreSrl.Tests.Fakes;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Tests.Checkpoints;

/// <summary>While a storage does not answer, saves wait for their turn in bounded memory and hold nobody up.</summary>
public sealed class QueueTests
{
    private const int Width = 256;

    /// <summary>What a snapshot of the model takes.</summary>
    private static readonly long SnapshotBytes = BytesOf(new TestModel(1, new() { Width = Width }));

    private readonly FaultyStorage _storage = new(new MemoryStorage());
    private readonly TaskCompletionSource _answers = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RecordingLoggers _loggers = new();
    private readonly TestModel _model = new(1, new() { Width = Width });

    [Fact]
    public async Task Saves_queue_behind_one_that_is_stuck_and_all_are_written_in_their_order_with_what_they_were_taken_of()
    {
        await using var manager = await OpenAsync(4 * SnapshotBytes);
        DoNotAnswer();
        var (saves, expected) = (new List<CheckpointSave>(), new List<byte[]>());
        for (var step = 1; step <= 5; step++)
        {
            _model.Gradient.Fill(step);
            await _model.ApplyGradientsAsync(new(), default);
            expected.Add(BitsOf(_model));
            saves.Add((await manager.SaveIfDueAsync(step, null, _model))!);
        }

        Assert.Empty(manager.Checkpoints);
        Assert.All(saves, save => Assert.False(save.Durable.IsCompleted));
        _answers.SetResult();
        await manager.FlushAsync();

        Assert.Equal(saves.Select(save => save.Id).Reverse(), manager.Checkpoints.Select(saved => saved.Id));
        foreach (var (save, bits) in saves.Zip(expected))
        {
            var restored = new TestModel(2, new() { Width = Width });
            await manager.RestoreAsync(save.Id, restored);
            Assert.Equal(bits, BitsOf(restored));
        }

        Assert.Equal([.. saves.SkipLast(1).Select(save => save.Id).Prepend(null)], await ParentsAsync(manager));
    }

    [Theory]
    [InlineData(WhenBusy.Wait)]
    [InlineData(WhenBusy.Skip)]
    public async Task When_the_memory_is_full_training_waits_or_skips(WhenBusy whenBusy)
    {
        await using var manager = await OpenAsync(2 * SnapshotBytes, whenBusy);
        DoNotAnswer();
        for (var step = 1; step <= 3; step++)
            Assert.NotNull(await manager.SaveIfDueAsync(step, null, _model)); // One is being written, two wait.
        var fourth = manager.SaveIfDueAsync(4, null, _model);
        if (whenBusy == WhenBusy.Skip)
        {
            Assert.Null(await fourth);
            Assert.Contains(_loggers.Messages(LogLevel.Warning), message => message.Contains("episode 4 was skipped", StringComparison.Ordinal));
        }
        else
        {
            Assert.False(fourth.IsCompleted);
        }

        _answers.SetResult();
        await fourth;
        await manager.FlushAsync();
        Assert.Equal(whenBusy == WhenBusy.Skip ? [3, 2, 1] : [4, 3, 2, 1], manager.Checkpoints.Select(saved => saved.Episode));
    }

    [Fact]
    public async Task Training_gets_ahead_of_what_is_durable_by_the_time_that_an_outage_may_take_and_no_further()
    {
        var clock = new StillClock();
        await using var manager = await CheckpointManager.OpenAsync(
            _storage, new() { SaveInterval = 1, MaxCheckpoints = -1, RetryFor = TimeSpan.FromSeconds(30) }, new() { Time = clock, Loggers = _loggers });
        DoNotAnswer();
        await manager.SaveIfDueAsync(1, null, _model);
        clock.Now += TimeSpan.FromSeconds(30);
        await manager.SaveIfDueAsync(2, null, _model);
        clock.Now += TimeSpan.FromSeconds(1);
        var third = manager.SaveIfDueAsync(3, null, _model);
        Assert.False(third.IsCompleted);
        _answers.SetResult();
        await third;
        await manager.FlushAsync();
        Assert.Equal([3, 2, 1], manager.Checkpoints.Select(saved => saved.Episode));
    }

    [Fact]
    public async Task One_that_fails_is_told_once_and_those_behind_it_are_written_and_come_after_the_one_before_it()
    {
        await using var manager = await OpenAsync(8 * SnapshotBytes);
        var first = (await manager.SaveIfDueAsync(1, null, _model))!;
        await first;
        await manager.FlushAsync();
        DoNotAnswer(failing: "_2_");
        var failing = (await manager.SaveIfDueAsync(2, null, _model))!;
        var behind = (await manager.SaveIfDueAsync(3, null, _model))!;
        var last = (await manager.SaveIfDueAsync(4, null, _model))!;
        _answers.SetResult();
        await Assert.ThrowsAsync<StorageException>(manager.FlushAsync);
        await manager.FlushAsync();
        Assert.True(failing.Durable.IsFaulted);
        Assert.Equal([4, 3, 1], manager.Checkpoints.Select(saved => saved.Episode));
        Assert.Equal([null, first.Id, behind.Id], await ParentsAsync(manager));
        Assert.Equal(last.Id, manager.Checkpoints[0].Id);
    }

    [Fact]
    public async Task Of_several_that_fail_the_first_is_thrown_and_the_others_are_logged()
    {
        await using var manager = await OpenAsync(8 * SnapshotBytes);
        DoNotAnswer(failing: "_");
        var saves = new List<CheckpointSave>();
        for (var step = 1; step <= 3; step++)
            saves.Add((await manager.SaveIfDueAsync(step, null, _model))!);
        _answers.SetResult();
        Assert.Contains(saves[0].Id, (await Assert.ThrowsAsync<StorageException>(manager.FlushAsync)).Message, StringComparison.Ordinal);
        Assert.All(saves[1..], save => Assert.Contains(
            _loggers.Messages(LogLevel.Error), message => message.StartsWith($"Checkpoint '{save.Id}' could not be saved either", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task When_a_storage_stays_away_too_long_all_that_wait_give_up_together_and_the_next_save_tries_again()
    {
        var clock = new JumpingClock();
        await using var manager = await CheckpointManager.OpenAsync(
            _storage, new() { SaveInterval = 1, MaxCheckpoints = -1, RetryFor = TimeSpan.FromMinutes(2) }, new() { Time = clock, Loggers = _loggers });
        _storage.Before = async (_, key) =>
        {
            await _answers.Task.WaitAsync(TimeSpan.FromMinutes(1));
            throw new StorageException(StorageErrorKind.Transient, key, "nobody answers");
        };
        var saves = new List<CheckpointSave>();
        for (var step = 1; step <= 5; step++)
            saves.Add((await manager.SaveIfDueAsync(step, null, _model))!);
        _answers.SetResult();
        Assert.Contains("nobody answers", (await Assert.ThrowsAsync<StorageException>(manager.FlushAsync)).Message, StringComparison.Ordinal);
        Assert.All(saves, save => Assert.True(save.Durable.IsFaulted));
        Assert.InRange(clock.Waits.Aggregate(TimeSpan.Zero, (sum, wait) => sum + wait), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(3));

        _storage.Before = (_, _) => Task.CompletedTask;
        var saved = await await manager.SaveAsync(6, null, _model);
        await manager.FlushAsync();
        Assert.Equal(6, saved.Episode);
        Assert.Equal([null], await ParentsAsync(manager));
    }

    [Fact]
    public async Task What_was_skipped_is_said_by_one_checkpoint_alone()
    {
        await using var manager = await OpenAsync(2 * SnapshotBytes, WhenBusy.Skip);
        DoNotAnswer();
        for (var step = 1; step <= 4; step++)
            await manager.SaveIfDueAsync(step, null, _model);
        _answers.SetResult();
        await manager.FlushAsync();
        for (var step = 5; step <= 7; step++)
            await manager.SaveIfDueAsync(step, null, _model);
        await manager.FlushAsync();
        var skipped = new List<string>();
        foreach (var saved in manager.Checkpoints.Reverse())
            skipped.Add((await manager.DescribeAsync(saved.Id)).Document["skipped_saves"]!.ToJsonString());
        Assert.Equal(["[]", "[]", "[]", "[4]", "[]", "[]"], skipped);
    }

    [Fact]
    public async Task Of_saves_that_take_next_to_no_memory_no_more_wait_than_a_fixed_number()
    {
        var small = new TestModel(1, new() { Width = 1 });
        await using var manager = await OpenAsync(1L << 40, WhenBusy.Skip);
        DoNotAnswer();
        for (var step = 1; step <= 1 + SaveQueue.MaxWaiting; step++)
            Assert.NotNull(await manager.SaveIfDueAsync(step, null, small));
        Assert.Null(await manager.SaveIfDueAsync(2 + SaveQueue.MaxWaiting, null, small));
        _answers.SetResult();
        await manager.FlushAsync();
    }

    [Fact]
    public async Task Two_of_one_step_and_second_that_wait_have_two_names()
    {
        await using var manager = await CheckpointManager.OpenAsync(_storage, new() { MaxCheckpoints = -1 }, new() { Time = new StillClock(), Loggers = _loggers });
        DoNotAnswer();
        var first = await manager.SaveAsync(1, null, _model);
        var second = await manager.SaveAsync(1, null, _model);
        _answers.SetResult();
        await manager.FlushAsync();
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal([second.Id, first.Id], manager.Checkpoints.Select(saved => saved.Id));
    }

    [Fact]
    public async Task Policies_count_what_waits_as_saved()
    {
        await using var manager = await CheckpointManager.OpenAsync(
            _storage, new() { SaveInterval = 0, MaxCheckpoints = -1, MaxQueuedBytes = 8 * SnapshotBytes, Policies = [new TwoAreEnough()] }, new() { Loggers = _loggers });
        DoNotAnswer();
        Assert.NotNull(await manager.SaveIfDueAsync(1, null, _model));
        Assert.NotNull(await manager.SaveIfDueAsync(2, null, _model));
        Assert.Null(await manager.SaveIfDueAsync(3, null, _model)); // Two are enough for it.
        _answers.SetResult();
        await manager.FlushAsync();
        Assert.Equal(2, manager.Checkpoints.Count);
    }

    [Fact]
    public void Memory_that_the_queue_needed_is_given_back()
    {
        var buffers = new SnapshotBuffers(queued: 3 * SnapshotBytes);
        var memories = HoldAll(buffers, 5);
        GC.Collect();
        Assert.Equal(2, memories.Count(memory => memory.IsAlive));
        Assert.Equal(5, HoldAll(buffers, 5).Count); // It can be had again.
    }

    /// <summary>Takes as many snapshots as there is memory for, which must be so many, and lets them go.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private List<WeakReference> HoldAll(SnapshotBuffers buffers, int count)
    {
        var held = Enumerable.Range(0, count).Select(_ => buffers.TryCapture([("m", _model)])!).ToList();
        Assert.Null(buffers.TryCapture([("m", _model)]));
        var memories = held.ConvertAll(snapshot => MemoryMarshal.TryGetArray(snapshot.Models[0].Tensors[TensorPart.Adapter].Single().Content.First, out var array) ? new WeakReference(array.Array) : throw new InvalidOperationException());
        held.ForEach(snapshot => snapshot.Dispose());
        return memories;
    }

    private void DoNotAnswer(string? failing = null) => _storage.Before = async (_, key) =>
    {
        if (!key.Contains('/', StringComparison.Ordinal))
            return; // The claim goes on.
        await _answers.Task.WaitAsync(TimeSpan.FromMinutes(1));
        if (failing is not null && key.Contains(failing, StringComparison.Ordinal))
            throw new StorageException(StorageErrorKind.Permanent, key, $"no room for {key}");
    };

    private Task<CheckpointManager> OpenAsync(long queued, WhenBusy whenBusy = WhenBusy.Wait) => CheckpointManager.OpenAsync(
        _storage, new() { SaveInterval = 1, MaxCheckpoints = -1, WhenBusy = whenBusy, MaxQueuedBytes = queued }, new() { Loggers = _loggers });

    /// <summary>What each checkpoint says it comes after, oldest first.</summary>
    private static async Task<IReadOnlyList<string?>> ParentsAsync(CheckpointManager manager)
    {
        var parents = new List<string?>();
        foreach (var saved in manager.Checkpoints.Reverse())
            parents.Add((string?)(await manager.DescribeAsync(saved.Id)).Document["parent"]);
        return parents;
    }

    private static long BytesOf(TestModel model) =>
        model.Tensors.Where(tensor => tensor.Part != TensorPart.Frozen).Sum(tensor => tensor.Info.ByteLength);

    private static byte[] BitsOf(TestModel model)
    {
        var bits = new byte[BytesOf(model)];
        var start = 0;
        foreach (var tensor in model.Tensors.Where(tensor => tensor.Part != TensorPart.Frozen))
        {
            tensor.CopyTo(0, bits.AsSpan(start, (int)tensor.Info.ByteLength));
            start += (int)tensor.Info.ByteLength;
        }

        return bits;
    }

    /// <summary>Wants a checkpoint as long as there are fewer than two.</summary>
    private sealed class TwoAreEnough : ICheckpointPolicy
    {
        public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) =>
            saved.Count < 2 ? SaveDecision.Save("two are wanted") : SaveDecision.Skip;
    }
}
