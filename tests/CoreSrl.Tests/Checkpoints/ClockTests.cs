using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Tests.Fakes;

namespace CoreSrl.Tests.Checkpoints;

/// <summary>A clock that stands still, is set back, or counts too slowly for what happens.</summary>
public sealed class ClockTests
{
    private readonly MemoryStorage _storage = new();
    private readonly StillClock _clock = new();
    private readonly TestModel _model = new(1, new());

    [Fact]
    public async Task Many_checkpoints_of_one_moment_have_names_of_their_own_and_stay_in_order()
    {
        await using (var manager = await OpenAsync())
        {
            for (var step = 1; step <= 30; step++)
                await SaveAsync(manager, step);
            Assert.Equal(30, manager.Checkpoints.DistinctBy(saved => saved.Id).Count());
        }

        await AssertNewestFirstAsync(Enumerable.Range(1, 30).Reverse());
    }

    [Fact]
    public async Task So_have_many_of_one_step()
    {
        var ids = new List<string>();
        await using (var manager = await OpenAsync())
        {
            for (var i = 0; i < 10; i++)
                ids.Add(await SaveAsync(manager, 7));
        }

        await using var later = await OpenAsync();
        Assert.Equal(ids.Distinct().Reverse(), later.Checkpoints.Select(saved => saved.Id));
        var restored = new TestModel(2, new());
        Assert.Equal(ids[^1], (await later.RestoreLatestAsync(restored))!.Saved.Id);
        Assert.True(Bench.Same([_model], [restored]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3600)]
    [InlineData(400 * 24 * 3600)]
    public async Task Set_back_between_saves_and_between_processes_it_turns_no_order_and_keeps_the_newest(int seconds)
    {
        for (var process = 0; process < 3; process++)
        {
            await using var manager = await OpenAsync(maxCheckpoints: 3);
            Assert.Equal(process * 4, (await manager.RestoreLatestAsync(_model))?.Step ?? 0);
            for (var step = (process * 4) + 1; step <= (process * 4) + 4; step++)
            {
                await SaveAsync(manager, step);
                _clock.Now -= TimeSpan.FromSeconds(seconds);
            }
        }

        await AssertNewestFirstAsync([12, 11, 10]);
    }

    [Fact]
    public async Task Set_back_and_on_again_it_turns_no_order()
    {
        await using (var manager = await OpenAsync())
        {
            foreach (var (step, hours) in new[] { (1, 5), (2, -9), (3, 3), (4, 2), (5, -1), (6, 30), (7, -40) })
            {
                _clock.Now += TimeSpan.FromHours(hours);
                await SaveAsync(manager, step);
            }
        }

        await AssertNewestFirstAsync([7, 6, 5, 4, 3, 2, 1]);
    }

    [Fact]
    public async Task The_time_that_policies_see_is_that_which_passed_whatever_the_clock_was_set_to()
    {
        var policy = new Watch();
        var clock = new SetBackClock();
        await using var manager = await CheckpointManager.OpenAsync(_storage, new() { Policies = [policy] }, new() { Time = clock });
        clock.Passed = 90;
        await manager.SaveIfDueAsync(1, null, _model);
        Assert.Equal([TimeSpan.FromSeconds(90)], policy.Elapsed);
    }

    private Task<CheckpointManager> OpenAsync(int maxCheckpoints = -1) =>
        CheckpointManager.OpenAsync(_storage, new() { MaxCheckpoints = maxCheckpoints }, new() { Time = _clock });

    private async Task<string> SaveAsync(CheckpointManager manager, long step)
    {
        await _model.ApplyGradientsAsync(new(), default);
        var save = await manager.SaveAsync(step, null, _model);
        await save;
        await manager.FlushAsync();
        return save.Id;
    }

    /// <summary>Asserts that another process finds these steps, goes on from the first of them, and finds every one whole.</summary>
    private async Task AssertNewestFirstAsync(IEnumerable<int> steps)
    {
        await using var later = await OpenAsync();
        Assert.Equal(steps.Select(step => (long)step), later.Checkpoints.Select(saved => saved.Episode));
        Assert.Equal(later.Checkpoints.OrderByDescending(saved => saved.Timestamp), later.Checkpoints);
        await foreach (var verdict in later.VerifyAllAsync())
            Assert.True(verdict.IsWhole, verdict.Id);
        var restored = new TestModel(2, new());
        Assert.Equal(steps.First(), (await later.RestoreLatestAsync(restored))!.Step);
        Assert.True(Bench.Same([_model], [restored]));
    }

    private sealed class Watch : ICheckpointPolicy
    {
        public List<TimeSpan> Elapsed { get; } = [];

        public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved)
        {
            Elapsed.Add(progress.Elapsed);
            return SaveDecision.Skip;
        }
    }

    /// <summary>A clock that is set back by a day while some seconds pass.</summary>
    private sealed class SetBackClock : TimeProvider
    {
        public int Passed { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Passed;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddDays(Passed == 0 ? 2 : 1);
    }
}
