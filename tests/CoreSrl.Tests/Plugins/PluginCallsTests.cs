using CoreSrl.Plugins.Limits;

namespace CoreSrl.Tests.Plugins;

/// <summary>How long a plugin is waited for.</summary>
public sealed class PluginCallsTests
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    [Fact]
    public void What_a_call_answers_or_throws_is_what_its_caller_gets()
    {
        var calls = new PluginCalls(new() { TimeLimit = Short });

        Assert.Equal(7, calls.Quick("plugin", "Call", () => 7));
        Assert.Equal("its own", Assert.Throws<TimeoutException>(() => calls.Quick<int>("plugin", "Call", () => throw new TimeoutException("its own"))).Message);
        Assert.False(calls.HasAbandoned);
        calls.ThrowIfHung();
    }

    [Fact]
    public void A_quick_call_that_is_not_is_left_behind_and_remembered()
    {
        using var end = new ManualResetEventSlim();
        var calls = new PluginCalls(new() { TimeLimit = Short });

        var hung = Assert.Throws<PluginHungException>(() => calls.Quick("policy 'slow'", "Decide", end.Wait));

        end.Set();
        Assert.Equal("policy 'slow' hangs: Decide has not come back within 00:00:01 (Plugins:TimeLimit)", hung.Message);
        Assert.Same(hung, Assert.Throws<PluginHungException>(calls.ThrowIfHung));
        Assert.True(calls.HasAbandoned);
        Assert.False(calls.HasAbandonedModel);
    }

    [Fact]
    public async Task Work_may_take_longer_than_a_quick_call_but_not_longer_than_its_own_limit()
    {
        var calls = new PluginCalls(new() { TimeLimit = TimeSpan.FromMilliseconds(1), WorkTimeLimit = Short });

        Assert.Equal(7, await calls.WorkAsync("model 'm'", "ActAsync", async () => { await Task.Delay(20); return 7; }, default));
        Assert.Equal("its own", (await Assert.ThrowsAsync<TimeoutException>(() => calls.WorkAsync<int>("model 'm'", "ActAsync", () => throw new TimeoutException("its own"), default))).Message);
        Assert.False(calls.HasAbandoned);

        var never = new TaskCompletionSource<int>();
        var hung = await Assert.ThrowsAsync<PluginHungException>(() => calls.WorkAsync("model 'm'", "ActAsync", () => new ValueTask<int>(never.Task), default, isModel: true));
        Assert.Equal("model 'm' hangs: ActAsync has not come back within 00:00:01 (Plugins:WorkTimeLimit)", hung.Message);
        Assert.True(calls.HasAbandonedModel);
    }

    [Fact]
    public async Task Work_that_heeds_a_cancellation_ends_at_once_and_is_not_left_behind()
    {
        using var stop = new CancellationTokenSource();
        var calls = new PluginCalls(new());
        var working = calls.WorkAsync("environment 'e'", "StepAsync", async () => { await Task.Delay(Timeout.Infinite, stop.Token); return 7; }, stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => working);
        Assert.False(calls.HasAbandoned);
    }
}
