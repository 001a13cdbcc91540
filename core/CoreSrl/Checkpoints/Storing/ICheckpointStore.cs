using System.Collections.Immutable;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Loading;
using CoreSrl.Checkpoints.Policies;
using CoreSrl.Checkpoints.Tiers;
using CoreSrl.Plugins;

namespace CoreSrl.Checkpoints.Storing;

/// <summary>Checkpoints to list, open, save and remove, in one directory or in two tiers.</summary>
internal interface ICheckpointStore : IAsyncDisposable
{
    /// <summary>Where they are.</summary>
    string Location { get; }

    /// <summary>The committed checkpoints, newest first.</summary>
    ImmutableArray<SavedCheckpoint> Checkpoints { get; }

    /// <summary>Checkpoints found damaged so far, with no whole copy: set aside, neither counted nor ever deleted.</summary>
    ImmutableArray<DamagedCheckpointException> Damaged { get; }

    /// <summary>The same of every copy: where there are two, one may be damaged and the other whole.</summary>
    IReadOnlyList<DamagedCheckpointException> DamagedCopies { get; }

    /// <summary>Checkpoints that are saved, but not yet where they are to stay, newest first.</summary>
    ImmutableArray<SavedCheckpoint> NotYetDurable { get; }

    /// <summary>Whether what fails for a reason that may pass is tried again for long. Not where that was waited for already, in vain.</summary>
    bool IsPatient { get; set; }

    /// <summary>Told of each checkpoint once it is saved; on a background thread.</summary>
    event Action<SavedCheckpoint>? Saved;

    /// <summary>The directories that hold a checkpoint, the one to read it from first; none when it is not there or damaged.</summary>
    IReadOnlyList<CheckpointStore> HoldersOf(string id);

    /// <summary>Takes a copy of a checkpoint that was found damaged, the one that was read, out of the count; its files stay where they
    /// are.</summary>
    void SetAside(DamagedCheckpointException damage);

    /// <summary>Opens a checkpoint for reading.</summary>
    /// <param name="id">The checkpoint.</param>
    /// <param name="read">Told of the bytes that are read through what is returned; null for nobody.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="KeyNotFoundException">There is none of that id.</exception>
    /// <exception cref="DamagedCheckpointException">Its metadata is damaged.</exception>
    Task<CheckpointReader> ReadAsync(string id, Action<long>? read, CancellationToken cancellationToken);

    /// <summary>Whether a checkpoint is there at this moment, in whatever state: the process that saves there may have removed it.</summary>
    Task<bool> IsThereAsync(string id, CancellationToken cancellationToken);

    /// <summary>How many bytes there are, and what of them removing a run's unkept checkpoints would free.</summary>
    Task<StorageUsage> MeasureAsync(string runId, CancellationToken cancellationToken);

    /// <summary>Sees whether a process of this machine has the directory, without writing anything.</summary>
    /// <exception cref="DirectoryInUseException">One has.</exception>
    Task CheckFreeAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Makes the directory this process's own, once: until it is disposed of, nobody else writes there. Finishes what a process that
    /// died there had begun, and reads again what is there.
    /// </summary>
    /// <exception cref="DirectoryInUseException">Somebody else has it.</exception>
    /// <exception cref="StorageException">It cannot be written.</exception>
    Task ClaimAsync(CancellationToken cancellationToken);

    /// <summary>Asks the policies of a run whether to save now.</summary>
    /// <returns>The reasons and tags of all that say yes; null when none does.</returns>
    (string Reason, ImmutableArray<string> Tags)? Decide(string runId, TrainingProgress progress);

    /// <summary>Makes room for a save; see <see cref="DirectoryChanges.MakeRoomAsync"/>.</summary>
    /// <exception cref="InvalidOperationException">The directory was opened read-only.</exception>
    Task<bool> MakeRoomAsync(long episode, bool urgent);

    /// <summary>Begins to save; see <see cref="DirectoryChanges.Begin"/>.</summary>
    /// <exception cref="InvalidOperationException">The directory was opened read-only.</exception>
    (string Id, Task<SavedCheckpoint> Durable) BeginSave(CheckpointContent content);

    /// <summary>Waits until nothing is being saved or removed.</summary>
    /// <exception cref="StorageException">A save failed; told once.</exception>
    /// <exception cref="ClaimLostException">The directory belongs to somebody else.</exception>
    Task FlushAsync();

    /// <summary>Whoever awaited a save has been told of its failure: it is not told again.</summary>
    void Told(string id);

    /// <summary>Waits until nothing is being saved or removed; a failure is left for the next save to tell.</summary>
    Task WaitAsync();

    /// <summary>Waits until all that is saved is where it is to stay.</summary>
    /// <exception cref="StorageException">It cannot be brought there just now; it stays where it is.</exception>
    /// <exception cref="ClaimLostException">The directory belongs to somebody else.</exception>
    Task WaitUntilDurableAsync(CancellationToken cancellationToken);

    /// <summary>Throws what a save that has ended failed with, or that the directory was lost, if that was noticed since; does not
    /// wait.</summary>
    void SurfaceFailure();

    /// <summary>Removes the checkpoints of a run that no policy keeps.</summary>
    /// <returns>Their ids.</returns>
    /// <exception cref="InvalidOperationException">The directory was opened read-only.</exception>
    Task<IReadOnlyList<string>> PruneAsync(string runId, CancellationToken cancellationToken);

    /// <summary>Removes the checkpoints of a run that none of other policies than the store's own keeps.</summary>
    Task<PruneReport> PruneAsync(string runId, PruneOptions options, CancellationToken cancellationToken);

    /// <summary>Waits for the last save, whose failure is logged, and gives the directory free.</summary>
    /// <returns>What the last save failed with, if nobody was told of it; null when it did not.</returns>
    Task<Exception?> CloseAsync();

    /// <summary>Opens the checkpoints at a storage, and in the fast tier before it where the options have one; writes nothing.</summary>
    /// <param name="storage">Where they lie.</param>
    /// <param name="options">How new ones are named, when they are taken and which are kept.</param>
    /// <param name="policies">Policies beside those that the options stand for, each with its name for messages.</param>
    /// <param name="services">The clock, and the logger told of what goes wrong without stopping anything.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="StorageException">A directory cannot be listed.</exception>
    static async Task<ICheckpointStore> OpenAsync(
        ICheckpointStorage storage, CheckpointManagerOptions options, IReadOnlyList<(string Name, ICheckpointPolicy Policy)> policies,
        HostServices services, CancellationToken cancellationToken)
    {
        var all = PolicySet.Of(options, policies, CheckpointStore.LoggerOf(services));
        return options.FastTier is { } fast
            ? await TieredStore.OpenAsync(fast, storage, options, all, services, cancellationToken).ConfigureAwait(false)
            : await CheckpointStore.OpenAsync(storage, options, all, services, cancellationToken).ConfigureAwait(false);
    }
}
