using CoreSrl.Checkpoints;
using CoreSrl.Checkpoints.Policies;
using CoreSrl.Tests.Fakes;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Tests.Checkpoints;

/// <summary>A save that comes while the one before is still being written.</summary>
public sealed class BusyTests
{
    private readonly FaultyStorage _storage = new(new MemoryStorage());
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RecordingLoggers _loggers = new();
    private readonly TestModel _model = new(1, new());

    public BusyTests() =>
        _storage.Before = (_, key) => key.EndsWith("/metadata.json", StringComparison.Ordinal) ? _gate.Task.WaitAsync(TimeSpan.FromMinutes(1)) : Task.CompletedTask;

    [Fact]
    public async Task Told_to_wait_a_due_save_waits_and_both_are_taken()
    {
        await using var manager = await OpenAsync(WhenBusy.Wait);
        await manager.SaveIfDueAsync(1, null, _model);
        var second = manager.SaveIfDueAsync(2, null, _model);
        Assert.False(second.IsCompleted);
        Assert.Empty(manager.Checkpoints);
        _gate.SetResult();
        await (await second)!;
        Assert.Equal([2, 1], manager.Checkpoints.Select(saved => saved.Episode));
        Assert.Equal(["[]", "[]"], await SkippedAsync(manager));
    }

    [Fact]
    public async Task Told_to_skip_a_due_save_is_skipped_and_the_next_one_that_is_taken_says_so()
    {
        await using var manager = await OpenAsync(WhenBusy.Skip);
        await manager.SaveIfDueAsync(1, null, _model);
        Assert.Null(await manager.SaveIfDueAsync(2, null, _model));
        Assert.Null(await manager.SaveIfDueAsync(3, null, _model));
        _gate.SetResult();
        await manager.FlushAsync();
        await (await manager.SaveIfDueAsync(4, null, _model))!;
        await manager.FlushAsync();
        await (await manager.SaveIfDueAsync(5, null, _model))!;
        Assert.Equal([5, 4, 1], manager.Checkpoints.Select(saved => saved.Episode));
        Assert.Equal(["[]", "[2,3]", "[]"], await SkippedAsync(manager));
        Assert.Equal(
            [.. new[] { 2, 3 }.Select(step => $"The checkpoint of episode {step} was skipped: the one before is still being written (Checkpoints:WhenBusy is skip).")],
            _loggers.Messages(LogLevel.Warning));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_asked_for_is_never_skipped(bool final)
    {
        await using var manager = await OpenAsync(WhenBusy.Skip);
        await manager.SaveIfDueAsync(1, null, _model);
        await manager.SaveIfDueAsync(2, null, _model);
        var asked = manager.SaveAsync(3, null, _model, final: final);
        Assert.False(asked.IsCompleted);
        _gate.SetResult();
        Assert.Equal((3, final), ((await await asked).Episode, manager.Checkpoints[0].Final));
        Assert.Equal(["[2]", "[]"], await SkippedAsync(manager));
    }

    [Fact]
    public async Task What_was_skipped_is_still_said_when_the_save_that_was_to_say_it_fails()
    {
        await using var manager = await OpenAsync(WhenBusy.Skip);
        await manager.SaveIfDueAsync(1, null, _model);
        await manager.SaveIfDueAsync(2, null, _model);
        _gate.SetResult();
        await manager.FlushAsync();
        _storage.Before = (_, key) => key.EndsWith(".pt", StringComparison.Ordinal) ? throw new IOException("no") : Task.CompletedTask;
        await Assert.ThrowsAnyAsync<IOException>(async () => await (await manager.SaveIfDueAsync(3, null, _model))!);
        _storage.Before = (_, _) => Task.CompletedTask;
        await (await manager.SaveIfDueAsync(4, null, _model))!;
        Assert.Equal(["[2]", "[]"], await SkippedAsync(manager));
    }

    private Task<CheckpointManager> OpenAsync(WhenBusy whenBusy) =>
        CheckpointManager.OpenAsync(_storage, new() { SaveInterval = 1, MaxCheckpoints = -1, WhenBusy = whenBusy, MaxQueuedBytes = 0 }, new() { Loggers = _loggers });

    /// <summary>What each checkpoint says was skipped before it, newest first.</summary>
    private static async Task<IReadOnlyList<string>> SkippedAsync(CheckpointManager manager)
    {
        var skipped = new List<string>();
        foreach (var saved in manager.Checkpoints)
            skipped.Add((await manager.DescribeAsync(saved.Id)).Document["skipped_saves"]!.ToJsonString());
        return skipped;
    }
}
