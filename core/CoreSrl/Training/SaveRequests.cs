using CoreSrl.Abstractions;

namespace CoreSrl.Training;

/// <summary>Checkpoints that somebody asked for while training, to be taken at the next episode boundary; from any thread.</summary>
internal sealed class SaveRequests
{
    private readonly Lock _gate = new();
    private readonly Queue<TaskCompletionSource<SavedCheckpoint>> _waiting = new();

    /// <summary>Asks for one.</summary>
    /// <returns>The checkpoint, once it is durable.</returns>
    public Task<SavedCheckpoint> Add()
    {
        var request = new TaskCompletionSource<SavedCheckpoint>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
            _waiting.Enqueue(request);
        return request.Task;
    }

    /// <summary>All that have been asked for since; one checkpoint answers them together.</summary>
    public IReadOnlyList<TaskCompletionSource<SavedCheckpoint>> TakeAll()
    {
        lock (_gate)
        {
            var all = _waiting.ToList();
            _waiting.Clear();
            return all;
        }
    }

    /// <summary>Tells those who asked that there is no checkpoint. Whoever does not wait for the answer does not hear it: the run does.</summary>
    public static void Fail(IReadOnlyList<TaskCompletionSource<SavedCheckpoint>> asked, Exception failure)
    {
        foreach (var request in asked)
        {
            if (request.TrySetException(failure))
                _ = request.Task.Exception; // Seen, so that the runtime does not count it as one that nobody handles.
        }
    }

    /// <summary>No boundary will come any more.</summary>
    public void CancelAll()
    {
        foreach (var request in TakeAll())
            request.TrySetCanceled(CancellationToken.None);
    }
}
