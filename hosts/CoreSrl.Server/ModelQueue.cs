using CoreSrl.Server.Protocol;

namespace CoreSrl.Server;

/// <summary>A model and those who wait for it: it answers one after the other.</summary>
internal sealed class ModelQueue(ServedModel model, int maxWaiting) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private int _waiting;

    public ServedModel Model { get; } = model;

    /// <summary>Waits until it is one's turn, which lasts until what is returned is disposed of.</summary>
    /// <exception cref="ApiException">Too many wait already.</exception>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        // The one that is being answered does not wait.
        if (Interlocked.Increment(ref _waiting) > maxWaiting + 1)
        {
            Interlocked.Decrement(ref _waiting);
            throw new ApiException(StatusCodes.Status429TooManyRequests, $"{maxWaiting} requests wait for the model '{Model.Id}' already. Try again later.", code: "rate_limit_exceeded");
        }

        try
        {
            await _turn.WaitAsync(cancellationToken);
            return new Turn(this);
        }
        catch
        {
            Interlocked.Decrement(ref _waiting);
            throw;
        }
    }

    public void Dispose() => _turn.Dispose();

    private sealed class Turn(ModelQueue queue) : IDisposable
    {
        public void Dispose()
        {
            Interlocked.Decrement(ref queue._waiting);
            queue._turn.Release();
        }
    }
}
