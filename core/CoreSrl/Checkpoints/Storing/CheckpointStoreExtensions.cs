using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Loading;
using CoreSrl.Configuration;

namespace CoreSrl.Checkpoints.Storing;

/// <summary>Finding checkpoints, wherever they lie.</summary>
internal static class CheckpointStoreExtensions
{
    /// <summary>The checkpoint of that id.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message suggests the nearest.</exception>
    /// <exception cref="DamagedCheckpointException">It is there, but damaged.</exception>
    public static SavedCheckpoint Find(this ICheckpointStore store, string id)
    {
        var saved = store.Checkpoints;
        return saved.FirstOrDefault(saved => saved.Id == id)
            ?? throw (Exception?)store.Damaged.FirstOrDefault(damage => damage.CheckpointId == id) ?? new KeyNotFoundException($"{store.Location} holds no checkpoint '{id}'. {NearestMatch.Suggest(id, saved.Select(saved => saved.Id))}");
    }

    /// <summary>The checkpoint that a choice means; see <see cref="CheckpointChoice.Find"/>.</summary>
    public static SavedCheckpoint Choose(this ICheckpointStore store, string choice, params IReadOnlyList<string> words) =>
        CheckpointChoice.Find(choice, store.Checkpoints, store.Damaged, store.Location, words);

    /// <summary>Opens a checkpoint for reading.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that id.</exception>
    /// <exception cref="DamagedCheckpointException">Its metadata is damaged.</exception>
    public static Task<CheckpointReader> ReadAsync(this ICheckpointStore store, string id, CancellationToken cancellationToken) =>
        store.ReadAsync(id, read: null, cancellationToken);

    /// <summary>Does something with a checkpoint that reads it; where a copy turns out damaged, or gone, once more with the other one.</summary>
    /// <param name="store">The checkpoints.</param>
    /// <param name="id">The checkpoint.</param>
    /// <param name="use">What is done with it.</param>
    /// <param name="next">Told of a copy that is set aside, and of where the one lies that is read then.</param>
    /// <exception cref="DamagedCheckpointException">The last copy, or the only one, is not what was written.</exception>
    public static async Task<T> UseAsync<T>(this ICheckpointStore store, string id, Func<Task<T>> use, Action<DamagedCheckpointException, string> next)
    {
        while (true)
        {
            try
            {
                return await use().ConfigureAwait(false);
            }
            catch (DamagedCheckpointException e) when (e.CheckpointId == id && store.HoldersOf(id).Count > 1)
            {
                store.SetAside(e);
                next(e, store.HoldersOf(id)[0].Location);
            }
        }
    }

    /// <summary>How many bytes some checkpoints have, in all their copies; base weights counted once in each directory.</summary>
    public static async Task<long> CountCopiesAsync(this ICheckpointStore store, IEnumerable<SavedCheckpoint> checkpoints, CancellationToken cancellationToken)
    {
        var copies = checkpoints.SelectMany(saved => store.HoldersOf(saved.Id).Select(holder => (Holder: holder, Saved: saved)));
        var total = 0L;
        foreach (var group in copies.GroupBy(copy => copy.Holder, copy => copy.Saved))
            total += await group.Key.CountBytesAsync([.. group], cancellationToken).ConfigureAwait(false);
        return total;
    }
}
