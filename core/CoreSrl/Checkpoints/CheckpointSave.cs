using System.Runtime.CompilerServices;
using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints;

/// <summary>A checkpoint that is being written. Awaiting it waits until it is durable; not awaiting it lets training go on.</summary>
/// <remarks>A failure that nobody awaits is not lost: the next save, <see cref="CheckpointManager.FlushAsync"/> or the manager's
/// disposal tells it.</remarks>
public sealed class CheckpointSave
{
    internal CheckpointSave(string id, Task<SavedCheckpoint> durable)
    {
        Id = id;
        Durable = durable;
    }

    /// <summary>The checkpoint's id.</summary>
    public string Id { get; }

    /// <summary>Completes when the checkpoint is durable; fails with what kept it from becoming so.</summary>
    public Task<SavedCheckpoint> Durable { get; }

    /// <summary>Makes <c>await save</c> wait for <see cref="Durable"/>.</summary>
    public TaskAwaiter<SavedCheckpoint> GetAwaiter() => Durable.GetAwaiter();
}
