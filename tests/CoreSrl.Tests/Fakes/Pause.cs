namespace CoreSrl.Tests.Fakes;

/// <summary>Holds up the first call that comes by until it is ended, and lets all others pass. A test that fails meanwhile ends all the
/// same.</summary>
internal sealed class Pause
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when a call is held up.</summary>
    public Task Reached => _reached.Task.WaitAsync(Limit);

    /// <summary>Lets the call go on.</summary>
    public void End() => _ended.SetResult();

    /// <summary>Comes by.</summary>
    public Task PassAsync() => _reached.TrySetResult() ? _ended.Task.WaitAsync(Limit) : Task.CompletedTask;
}
