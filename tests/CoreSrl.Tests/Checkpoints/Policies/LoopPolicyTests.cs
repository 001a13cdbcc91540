using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Checkpoints.Policies;
using CoreSrl.Tests.Fakes;

namespace CoreSrl.Tests.Checkpoints.Policies;

/// <summary>Policies in a training loop of one's own: made in code, without a configuration.</summary>
public sealed class LoopPolicyTests
{
    private readonly MemoryStorage _storage = new();
    private readonly StillClock _clock = new();
    private readonly TestModel _state = new(1, new() { Width = 3 });

    [Fact]
    public async Task Policies_are_made_in_code_and_save_without_an_interval()
    {
        // A step takes 10 s, a save 5, which are not training.
        await RunAsync(
            new() { SaveInterval = 0, MaxCheckpoints = 1, Policies = [new EverySecondsPolicy(new() { Seconds = 30 }), new KeepEveryPolicy(new() { Episodes = 6 })] },
            from: 1, to: 13);
        Assert.Equal("12 6", await SavedAsync(saved => $"{saved.Episode}"));
    }

    [Fact]
    public async Task The_time_trained_and_held_up_is_counted_and_survives_a_resume()
    {
        var options = new CheckpointManagerOptions { SaveInterval = 2, MaxCheckpoints = -1 };
        await RunAsync(options, from: 1, to: 5);
        Assert.Equal("4:40+5 2:20+0", await SavedAsync(Times));
        _clock.Now += TimeSpan.FromDays(1);
        await RunAsync(options, from: 5, to: 6);
        Assert.Equal("6:60+5 4:40+5 2:20+0", await SavedAsync(Times));
    }

    [Fact]
    public async Task Without_an_interval_and_policies_nothing_is_saved_unasked()
    {
        await RunAsync(new() { SaveInterval = 0 }, from: 1, to: 5);
        Assert.Equal("", await SavedAsync(Times));
    }

    [Fact]
    public async Task A_final_checkpoint_has_the_tags_of_the_policies_that_would_have_it()
    {
        await using var manager = await CheckpointManager.OpenAsync(_storage, new() { Policies = [new TestPolicy(new() { Every = 3 })] }, new() { Time = _clock });
        Assert.Equal(["kept"], (await await manager.SaveAsync(3, null, _state, final: true)).Tags.ToArray());
        Assert.Empty((await await manager.SaveAsync(4, null, _state, final: true)).Tags);
    }

    private static string Times(SavedCheckpoint saved) => $"{saved.Episode}:{saved.Elapsed.TotalSeconds}+{saved.HeldUp.TotalSeconds}";

    /// <summary>A process that goes on from what is stored, does some steps and ends.</summary>
    private async Task RunAsync(CheckpointManagerOptions options, int from, int to)
    {
        await using var manager = await CheckpointManager.OpenAsync(_storage, options with { Asynchronous = false }, new() { Time = _clock });
        manager.Saved += _ => _clock.Now += TimeSpan.FromSeconds(5);
        await manager.RestoreLatestAsync(_state);
        for (var step = from; step <= to; step++)
        {
            _clock.Now += TimeSpan.FromSeconds(10);
            await manager.SaveIfDueAsync(step, null, _state);
        }
    }

    private async Task<string> SavedAsync(Func<SavedCheckpoint, string> show)
    {
        await using var manager = await CheckpointManager.OpenReadOnlyAsync(_storage);
        return string.Join(' ', manager.Checkpoints.Select(show));
    }
}
