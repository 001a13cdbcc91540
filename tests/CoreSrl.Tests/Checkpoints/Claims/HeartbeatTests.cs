using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Tests.Fakes;

namespace CoreSrl.Tests.Checkpoints.Claims;

/// <summary>A holder lets itself be heard of between its saves.</summary>
public sealed class HeartbeatTests
{
    private readonly SharedDirectory _shared = new();
    private readonly JumpingClock _clock = new();
    private readonly ListeningLoggers _loggers = new();

    [Fact]
    public async Task A_beat_writes_the_claim_anew_and_changes_nothing_else_in_it()
    {
        await using var holder = await OpenAsync();
        var (before, taken) = (_shared.Claim, await StatAsync());
        _shared.Clock.Advance(TimeSpan.FromSeconds(15));
        await BeatAsync();
        var (after, beaten) = (_shared.Claim, await StatAsync());
        Assert.Equal(before.Version + 1, after.Version);
        Assert.Equal(before.ToFile(), (after with { Version = before.Version }).ToFile());
        Assert.Equal(TimeSpan.FromSeconds(15), beaten.Modified - taken.Modified);
        await holder.SaveAsync(1);
    }

    [Fact]
    public async Task What_is_done_is_no_longer_announced_after_a_beat()
    {
        await using var holder = await OpenAsync();
        var id = (await holder.SaveAsync(1)).Id;
        Assert.Equal([id], _shared.Claim.Pending.ToArray());
        await holder.Store.FlushAsync();
        await BeatAsync();
        Assert.Empty(_shared.Claim.Pending);
    }

    [Theory]
    [InlineData(StorageErrorKind.Permanent)]
    [InlineData(StorageErrorKind.Transient)] // For longer than it is tried again.
    public async Task A_beat_that_fails_is_told_and_does_not_stop_the_next(StorageErrorKind kind)
    {
        await using var holder = await OpenAsync();
        _shared.OfOldHolder.Before = (_, key) => throw new StorageException(kind, key, "the wire is cut");
        _clock.Recur();
        Assert.Equal("The claim on memory could not be renewed: the wire is cut", await _loggers.HearAsync("could not be renewed"));
        _shared.OfOldHolder.Before = (_, _) => Task.CompletedTask;
        var version = _shared.Claim.Version;
        await BeatAsync();
        Assert.Equal(version + 1, _shared.Claim.Version);
        await holder.SaveAsync(1);
    }

    [Fact]
    public async Task A_loss_that_a_beat_notices_is_told_at_the_next_boundary_though_nothing_is_saved_there()
    {
        await using var holder = await OpenAsync();
        holder.Store.SurfaceFailure();
        _shared.FallSilent();
        await using var heir = await _shared.OpenNewAsync();
        holder.Store.SurfaceFailure(); // Not noticed yet.
        _clock.Recur();
        await _loggers.HearAsync("could not be renewed: memory was taken over by process 4711 on host 'new'");
        Assert.Throws<ClaimLostException>(holder.Store.SurfaceFailure);
        Assert.Throws<ClaimLostException>(holder.Store.SurfaceFailure);
        Assert.Equal("new", _shared.Claim.Holder.Host);
    }

    [Fact]
    public async Task A_manager_tells_the_loss_where_no_save_is_due()
    {
        var model = new TestModel(1, new());
        await using var manager = await CheckpointManager.OpenAsync(
            new AnothersStorage(_shared.OfOldHolder, AnothersStorage.Elsewhere("old")), new() { SaveInterval = 100 }, new() { Time = _clock, Loggers = _loggers });
        Assert.Null(await manager.SaveIfDueAsync(1, null, model));
        _shared.FallSilent();
        await using var heir = await _shared.OpenNewAsync();
        _clock.Recur();
        await _loggers.HearAsync("could not be renewed");
        await Assert.ThrowsAsync<ClaimLostException>(() => manager.SaveIfDueAsync(2, null, model));
    }

    [Fact]
    public async Task A_claim_that_was_given_free_beats_no_more()
    {
        var holder = await OpenAsync();
        var beat = _shared.PauseOldHolder("before", "write", "claim.json");
        var closing = holder.DisposeAsync().AsTask();
        await beat.Reached; // In the middle of it.
        _clock.Recur();
        beat.End();
        await closing;
        var released = _shared.Claim;
        Assert.True(released.Released);
        _clock.Recur();
        Assert.Equal(released.ToFile(), _shared.Claim.ToFile());
        Assert.Equal(["create claim.json", "write claim.json"], _shared.OfOldHolder.Changes);
        Assert.Empty(_loggers.Messages);
    }

    [Fact]
    public async Task A_claim_that_cannot_be_given_free_is_told()
    {
        var holder = await OpenAsync();
        _shared.OfOldHolder.Before = (_, key) => throw new StorageException(StorageErrorKind.Permanent, key, "the wire is cut");
        await holder.DisposeAsync();
        Assert.Equal(["The claim on memory could not be released: the wire is cut"], _loggers.Messages);
    }

    private Task<Bench> OpenAsync() => _shared.OpenOldAsync(clock: _clock, loggers: _loggers);

    private async Task<ObjectInfo> StatAsync() => (await _shared.Objects.StatAsync("claim.json", default))!;

    private async Task BeatAsync()
    {
        var written = _shared.PauseOldHolder("after", "write", "claim.json");
        _clock.Recur();
        await written.Reached;
        written.End();
    }
}
