using System.Runtime.CompilerServices;
using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints;

/// <summary>A checkpoint that is being written. Awaiting it waits until it is durable; not awaiting it lets training go on.</summary>
/// <remarks>A failure is told once: to whoever awaits the save, or else by the next save, <see cref="CheckpointManager.FlushAsync"/> or
/// the manager's disposal.</remarks>
public sealed class CheckpointSave
{
    private readonly Action<string> _told;

    internal CheckpointSave(string id, Task<SavedCheckpoint> durable, Action<string> told)
    {
        Id = id;
        Durable = durable;
        _told = told;
    }

    /// <summary>The checkpoint's id.</summary>
    public string Id { get; }

    /// <summary>Completes when the checkpoint is durable; fails with what kept it from becoming so. To look at: who awaits the save
    /// itself has been told, who looks here has not.</summary>
    public Task<SavedCheckpoint> Durable { get; }

    /// <summary>Makes <c>await save</c> wait for <see cref="Durable"/>.</summary>
    public TaskAwaiter<SavedCheckpoint> GetAwaiter() => AwaitAsync().GetAwaiter();

    private async Task<SavedCheckpoint> AwaitAsync()
    {
        try
        {
            return await Durable.ConfigureAwait(false);
        }
        catch
        {
            _told(Id);
            throw;
        }
    }
}
