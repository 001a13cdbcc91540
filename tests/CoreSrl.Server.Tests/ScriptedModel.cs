using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.Server.Tests;

/// <summary>A model that says what it is told to, and remembers what it was asked.</summary>
internal sealed class ScriptedModel(params string[] pieces) : IChatModel
{
    private int _answering;

    public List<ChatRequest> Requests { get; } = [];

    /// <summary>Done before each piece but the first.</summary>
    public Func<CancellationToken, Task> Between { get; set; } = _ => Task.CompletedTask;

    /// <summary>Thrown instead of the first piece.</summary>
    public Exception? Refusal { get; set; }

    /// <summary>Set when an answer ends, to its end or before.</summary>
    public TaskCompletionSource Ended { get; private set; } = new();

    public ModelDescription Description => new() { Kind = "scripted", Architecture = [] };

    public IReadOnlyList<StateTensor> Tensors => [];

    public async IAsyncEnumerable<ChatPiece> ChatAsync(ChatRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // The promise to every model: one at a time.
        Assert.Equal(1, Interlocked.Increment(ref _answering));
        Ended = new();
        try
        {
            Requests.Add(request);
            await Task.Yield();
            if (Refusal is { } refusal)
                throw refusal;
            for (var i = 0; i < pieces.Length; i++)
            {
                if (i > 0)
                    await Between(cancellationToken);
                cancellationToken.ThrowIfCancellationRequested();
                yield return new(pieces[i], i == pieces.Length - 1 ? new(IsComplete: request.MaxTokens is null, 7, pieces.Length) : null);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _answering);
            Ended.TrySetResult();
        }
    }

    public ValueTask<IReadOnlyList<ModelResponse>> ActAsync(IReadOnlyList<ModelRequest> requests, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<LearningReport> LearnAsync(LearningBatch batch, CancellationToken cancellationToken) => throw new NotSupportedException();

    public JsonObject CaptureState() => [];

    public void RestoreState(JsonObject state)
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
