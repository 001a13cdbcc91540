using CoreSrl.Checkpoints;
using CoreSrl.Tests.Fakes;

namespace CoreSrl.Tests.Checkpoints.Claims;

/// <summary>Of a holder on another machine only its silence tells, by the storage's own clock.</summary>
public sealed class OtherMachineTests
{
    private readonly SharedDirectory _shared = new();

    [Fact]
    public async Task It_keeps_the_directory_as_long_as_it_lets_itself_be_heard_of()
    {
        var clock = new JumpingClock();
        await using var holder = await _shared.OpenOldAsync(clock: clock);
        for (var beat = 0; beat < 10; beat++)
        {
            _shared.Clock.Advance(TimeSpan.FromSeconds(15));
            var pause = _shared.PauseOldHolder("after", "write", "claim.json");
            var reached = pause.Reached;
            do
                clock.Recur(); // In vain while the beat before is still being written.
            while (await Task.WhenAny(reached, Task.Delay(10)) != reached);
            pause.End();
            _shared.Clock.Advance(TimeSpan.FromSeconds(45));
            await RefusedAsync();
        }

        await holder.SaveAsync(1);
    }

    [Fact]
    public async Task The_refusal_names_it_and_says_when_to_try_again()
    {
        await using var holder = await _shared.OpenOldAsync();
        _shared.Clock.Advance(TimeSpan.FromSeconds(18));
        Assert.Equal(
            "memory is in use by process 4711 on host 'old', which has held it for 18 s (run 'test'). Stop that one first, or choose another "
            + "directory. If that process has died, try again in 42 s.",
            await RefusedAsync(localTime: TimeSpan.FromSeconds(18)));
        Assert.Equal(["claim.json"], _shared.Objects.Objects.Keys);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-10_000)]
    [InlineData(10_000)]
    public async Task It_is_replaced_after_a_minute_of_silence_whatever_the_clocks_of_the_machines_say(int secondsAhead)
    {
        await using var holder = await _shared.OpenOldAsync();
        _shared.Clock.Advance(TimeSpan.FromSeconds(59));
        await RefusedAsync(TimeSpan.FromSeconds(secondsAhead));
        _shared.Clock.Advance(TimeSpan.FromSeconds(1));
        await using var heir = await _shared.OpenNewAsync(clock: ClockAt(TimeSpan.FromSeconds(secondsAhead)));
        await heir.SaveAsync(1);
        Assert.Equal("new", _shared.Claim.Holder.Host);
        Assert.DoesNotContain("claim-check", _shared.Objects.Objects.Keys);
    }

    [Fact]
    public async Task When_the_storages_clock_is_set_back_by_little_it_is_waited_for()
    {
        await using var holder = await _shared.OpenOldAsync();
        _shared.Clock.Advance(TimeSpan.FromSeconds(-30));
        Assert.EndsWith(" If that process has died, try again in 90 s.", await RefusedAsync(), StringComparison.Ordinal);
        _shared.Clock.Advance(TimeSpan.FromSeconds(90));
        await using var heir = await _shared.OpenNewAsync();
    }

    [Fact]
    public async Task When_the_storages_clock_is_set_back_by_much_the_way_out_is_told()
    {
        await using var holder = await _shared.OpenOldAsync();
        _shared.Clock.Advance(TimeSpan.FromHours(-5));
        Assert.EndsWith(" If that process has died, delete memory/claim.json, which is dated 5 h ahead of the clock.", await RefusedAsync(), StringComparison.Ordinal);

        await holder.SaveAsync(1); // It lives, and says so by the new clock.
        Assert.EndsWith(" If that process has died, try again in 60 s.", await RefusedAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_loses_the_claim_by_deletion_says_so_and_saves_no_more()
    {
        await using var holder = await _shared.OpenOldAsync();
        await holder.SaveAsync(1);
        _shared.Objects.Objects.TryRemove("claim.json", out _);
        var error = await Assert.ThrowsAsync<ClaimLostException>(() => holder.SaveAsync(2));
        Assert.StartsWith("The claim on memory is gone: the directory was deleted, emptied or moved away while it was in use; if it was moved, move it back. ", error.Message, StringComparison.Ordinal);
        Assert.Single(await _shared.AssertWholeAsync());
    }

    private static JumpingClock ClockAt(TimeSpan time)
    {
        var clock = new JumpingClock();
        clock.Advance(time);
        return clock;
    }

    private async Task<string> RefusedAsync(TimeSpan localTime = default) =>
        (await Assert.ThrowsAsync<DirectoryInUseException>(() => _shared.OpenNewAsync(clock: ClockAt(localTime)))).Message;
}
