using System.Collections.Concurrent;
using System.Collections.Immutable;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Claims;
using CoreSrl.Checkpoints.Loading;

namespace CoreSrl.Checkpoints.Storing;

/// <summary>
/// The committed checkpoints of a directory: read once, then kept in step with what this process commits and deletes. A change makes
/// new lists, so whoever holds one may read it as long as it likes.
/// </summary>
internal sealed class CheckpointCatalog
{
    /// <summary>How many metadata files are read at a time: a network answers slowly, a disk does not.</summary>
    private const int RemoteReads = 32;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, CheckpointFacts> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImmutableArray<SavedCheckpoint>> _byRun = new(StringComparer.Ordinal);
    private readonly HashSet<string> _setAside = new(StringComparer.Ordinal);
    private readonly HashSet<string> _givenUp;
    private ImmutableArray<DamagedCheckpointException> _damaged;
    private ImmutableArray<SavedCheckpoint> _saved;

    private CheckpointCatalog(IEnumerable<CheckpointFacts> facts, IEnumerable<DamagedCheckpointException> damaged, IEnumerable<string> givenUp)
    {
        foreach (var checkpoint in facts)
            _byId.TryAdd(checkpoint.Saved.Id, checkpoint); // A listing may show one twice, in the place of another.
        _saved = [.. _byId.Values.Select(checkpoint => checkpoint.Saved).Order(Comparer<SavedCheckpoint>.Create(NewestFirst))];
        _damaged = [.. damaged.DistinctBy(damage => damage.CheckpointId)];
        _setAside.UnionWith(_damaged.Select(damage => damage.CheckpointId));
        _givenUp = new(givenUp, StringComparer.Ordinal);
    }

    /// <summary>All checkpoints, newest first.</summary>
    public ImmutableArray<SavedCheckpoint> Saved
    {
        get
        {
            lock (_gate)
                return _saved;
        }
    }

    /// <summary>Checkpoints found damaged: none is counted, none is ever deleted.</summary>
    public ImmutableArray<DamagedCheckpointException> Damaged
    {
        get
        {
            lock (_gate)
                return _damaged;
        }
    }

    public static async Task<CheckpointCatalog> ReadAsync(ICheckpointStorage storage, CancellationToken cancellationToken)
    {
        var found = new ConcurrentBag<CheckpointFacts>();
        var damaged = new ConcurrentBag<DamagedCheckpointException>();
        var givenUp = new ConcurrentBag<string>();
        var parallel = new ParallelOptions
        {
            CancellationToken = cancellationToken,
            MaxDegreeOfParallelism = storage.Capabilities.IsLocal ? Environment.ProcessorCount : RemoteReads,
        };
        await Parallel.ForEachAsync(storage.ListFoldersAsync("", cancellationToken), parallel, async (id, token) =>
        {
            try
            {
                if (await ReadMetadataAsync(storage, id, token).ConfigureAwait(false) is not { } file)
                    return;
                if (CheckpointFacts.Read(id, file.Content.Span) is { } facts)
                    found.Add(facts);
                else
                    givenUp.Add(id);
            }
            catch (DamagedCheckpointException e)
            {
                damaged.Add(e);
            }
        }).ConfigureAwait(false);
        return new(found, damaged.OrderBy(damage => damage.CheckpointId, StringComparer.Ordinal), givenUp);
    }

    /// <summary>Takes over what was found damaged before, and looks for checkpoints that were there before and are not seen any more: no
    /// checksum guards a listing, and base weights must not go because it overlooked a checkpoint.</summary>
    public async Task LookForAsync(CheckpointCatalog before, ICheckpointStorage storage, CancellationToken cancellationToken)
    {
        foreach (var damage in before.Damaged)
            SetAside(damage);
        foreach (var id in before.Saved.Select(saved => saved.Id).Where(id => !Contains(id)))
        {
            if (await storage.ReadAllAsync(CheckpointLayout.Key(id, CheckpointLayout.Metadata), cancellationToken).ConfigureAwait(false) is { } metadata)
                Discover(id, metadata.Content.Span);
        }
    }

    /// <summary>The checkpoints of a run, newest first.</summary>
    public ImmutableArray<SavedCheckpoint> OfRun(string runId)
    {
        lock (_gate)
        {
            if (!_byRun.TryGetValue(runId, out var saved))
                _byRun[runId] = saved = [.. _saved.Where(checkpoint => checkpoint.RunId == runId)];
            return saved;
        }
    }

    /// <summary>Whether there is a checkpoint of that id, whole or damaged.</summary>
    public bool Contains(string id)
    {
        lock (_gate)
            return _byId.ContainsKey(id) || _setAside.Contains(id);
    }

    /// <summary>Whether there is a whole checkpoint of that id, as far as is known.</summary>
    public bool Holds(string id)
    {
        lock (_gate)
            return _byId.ContainsKey(id);
    }

    /// <summary>Checkpoints that the storage refused to read, so that it is not known what there is of them; among those damaged.</summary>
    public IEnumerable<string> Unreadable => Damaged.Where(damage => damage.IsUnreadable).Select(damage => damage.CheckpointId);

    /// <summary>Checkpoints given up before they were written; whoever was writing them may yet put files there.</summary>
    public IReadOnlyCollection<string> GivenUp => _givenUp;

    /// <summary>Whether a new checkpoint cannot have that id: there is one, or one was given up whose writer may yet put files there.</summary>
    public bool IsTaken(string id) => _givenUp.Contains(id) || Contains(id);

    /// <summary>Whether a checkpoint needs those base weights. A damaged one may: what it refers to may be all that is left of it.</summary>
    public bool RefersTo(string baseWeights)
    {
        lock (_gate)
            return !_damaged.IsEmpty || IsInUse(baseWeights);
    }

    /// <summary>Whether a whole checkpoint needs those base weights.</summary>
    public bool IsInUse(string baseWeights)
    {
        lock (_gate)
            return _byId.Values.Any(checkpoint => checkpoint.BaseWeights.Contains(baseWeights));
    }

    /// <summary>The base weights that a checkpoint refers to.</summary>
    public ImmutableArray<string> BaseWeightsOf(string id)
    {
        lock (_gate)
            return _byId.TryGetValue(id, out var checkpoint) ? checkpoint.BaseWeights : [];
    }

    /// <summary>The base weights that nothing refers to any more once those checkpoints are gone.</summary>
    /// <param name="going">The ids of the checkpoints.</param>
    public IReadOnlyList<string> BaseWeightsOnlyOf(IEnumerable<string> going)
    {
        lock (_gate)
        {
            if (!_damaged.IsEmpty)
                return []; // See RefersTo.
            var ids = going.ToHashSet(StringComparer.Ordinal);
            var needed = _byId.Values.Where(checkpoint => !ids.Contains(checkpoint.Saved.Id)).SelectMany(checkpoint => checkpoint.BaseWeights);
            return [.. ids.SelectMany(id => _byId[id].BaseWeights).Distinct().Except(needed)];
        }
    }

    public void Add(CheckpointFacts checkpoint)
    {
        lock (_gate)
        {
            _byId.Add(checkpoint.Saved.Id, checkpoint);
            _saved = Insert(_saved, checkpoint.Saved);
            _byRun.Clear();
        }
    }

    /// <summary>Takes in a checkpoint that was written anew where it was damaged, or was not known to be there.</summary>
    public void AddWhole(CheckpointFacts checkpoint)
    {
        lock (_gate)
        {
            if (_setAside.Remove(checkpoint.Saved.Id))
                _damaged = _damaged.RemoveAll(damage => damage.CheckpointId == checkpoint.Saved.Id);
            if (!_byId.ContainsKey(checkpoint.Saved.Id))
                Add(checkpoint);
        }
    }

    /// <summary>Puts a checkpoint into its place among others, newest first.</summary>
    public static ImmutableArray<SavedCheckpoint> Insert(ImmutableArray<SavedCheckpoint> saved, SavedCheckpoint one)
    {
        var place = saved.BinarySearch(one, Comparer<SavedCheckpoint>.Create(NewestFirst));
        return saved.Insert(place < 0 ? ~place : place, one);
    }

    /// <summary>Takes in a checkpoint that turns out to be committed.</summary>
    /// <returns>Whether it is one, whole or damaged, and not one that was given up.</returns>
    public bool Discover(string id, ReadOnlySpan<byte> metadata)
    {
        try
        {
            if (CheckpointFacts.Read(id, metadata) is not { } facts)
                return false;
            Add(facts);
        }
        catch (DamagedCheckpointException e)
        {
            SetAside(e);
        }

        return true;
    }

    public void Remove(string id)
    {
        lock (_gate)
        {
            if (_byId.Remove(id, out var checkpoint))
                _saved = _saved.Remove(checkpoint.Saved);
            _byRun.Clear();
        }
    }

    public void SetAside(DamagedCheckpointException damage)
    {
        lock (_gate)
        {
            Remove(damage.CheckpointId);
            if (_setAside.Add(damage.CheckpointId))
                _damaged = _damaged.Add(damage);
        }
    }

    /// <summary>
    /// The metadata in a folder. Without any it holds no checkpoint: base weights, a save or a removal under way, or something that is
    /// not ours. But a checkpoint's files that no claim announces are what is left of one.
    /// </summary>
    /// <exception cref="DamagedCheckpointException">The metadata is lost, or can never be read.</exception>
    private static async Task<StoredObject?> ReadMetadataAsync(ICheckpointStorage storage, string id, CancellationToken cancellationToken)
    {
        if (!CheckpointLayout.IsId(id) || id + "/" == CheckpointLayout.BaseWeightsFolder)
            return null;
        if (await CheckpointReader.ReadMetadataAsync(storage, id, cancellationToken).ConfigureAwait(false) is { } file)
            return file;

        // In this order, a process that saves or removes the checkpoint meanwhile makes no difference: it announces before it begins,
        // and what it announces no longer is either committed or gone.
        if (await ClaimFile.ReadAsync(storage, cancellationToken).ConfigureAwait(false) is (_, { } claim) && claim.Pending.Contains(id))
            return null;
        if (await CheckpointReader.ReadMetadataAsync(storage, id, cancellationToken).ConfigureAwait(false) is { } committed)
            return committed;
        await foreach (var info in storage.ListAsync(id + "/", cancellationToken).ConfigureAwait(false))
        {
            if (CheckpointLayout.IsFileOf(id, info.Key))
                throw new DamagedCheckpointException(id, CheckpointLayout.Metadata, "is missing, though the checkpoint's other files are there; if it cannot be brought back, delete the folder");
        }

        return null;
    }

    /// <summary>By time, then by episode: an id's spelling says nothing about age.</summary>
    private static int NewestFirst(SavedCheckpoint a, SavedCheckpoint b)
    {
        var order = b.Timestamp.CompareTo(a.Timestamp);
        if (order == 0)
            order = b.Episode.CompareTo(a.Episode);
        return order == 0 ? string.CompareOrdinal(b.Id, a.Id) : order;
    }
}
