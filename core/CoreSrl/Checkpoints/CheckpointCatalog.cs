using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints;

/// <summary>The committed checkpoints of a directory: read once, then kept in step with what this process commits and deletes.</summary>
internal sealed class CheckpointCatalog
{
    private readonly Lock _gate = new();
    private readonly List<CheckpointRecord> _records;
    private readonly List<DamagedCheckpointException> _damaged;

    private CheckpointCatalog(List<CheckpointRecord> records, List<DamagedCheckpointException> damaged)
    {
        _records = records;
        _damaged = damaged;
    }

    /// <summary>Checkpoints found damaged: none is counted, none is ever deleted.</summary>
    public IReadOnlyList<DamagedCheckpointException> Damaged
    {
        get
        {
            lock (_gate)
                return [.. _damaged];
        }
    }

    /// <summary>All checkpoints, newest first.</summary>
    public IReadOnlyList<CheckpointRecord> Records
    {
        get
        {
            lock (_gate)
                return [.. _records];
        }
    }

    public static async Task<CheckpointCatalog> ReadAsync(ICheckpointStorage storage, CancellationToken cancellationToken)
    {
        var records = new List<CheckpointRecord>();
        var damaged = new List<DamagedCheckpointException>();
        await foreach (var info in storage.ListAsync("", cancellationToken).ConfigureAwait(false))
        {
            if (CheckpointLayout.CommittedBy(info.Key) is not { } id)
                continue;
            try
            {
                var json = new byte[checked((int)info.Length)];
                await storage.ReadAsync(info.Key, 0, json, cancellationToken).ConfigureAwait(false);
                records.Add(CheckpointRecord.Parse(id, json));
            }
            catch (DamagedCheckpointException e)
            {
                damaged.Add(e);
            }
            catch (StorageException e) when (e.Kind == StorageErrorKind.NotFound)
            {
                // Deleted since it was listed.
            }
        }

        records.Sort(NewestFirst);
        return new(records, damaged);
    }

    public void Add(CheckpointRecord record)
    {
        lock (_gate)
        {
            _records.Add(record);
            _records.Sort(NewestFirst);
        }
    }

    public void SetAside(DamagedCheckpointException damage)
    {
        lock (_gate)
        {
            _records.RemoveAll(record => record.Saved.Id == damage.CheckpointId);
            _damaged.Add(damage);
        }
    }

    public void Remove(CheckpointRecord record)
    {
        lock (_gate)
            _records.Remove(record);
    }

    /// <summary>By time, then by episode: an id's spelling says nothing about age.</summary>
    private static int NewestFirst(CheckpointRecord a, CheckpointRecord b)
    {
        var order = b.Saved.Timestamp.CompareTo(a.Saved.Timestamp);
        if (order == 0)
            order = b.Saved.Episode.CompareTo(a.Saved.Episode);
        return order == 0 ? string.CompareOrdinal(b.Saved.Id, a.Saved.Id) : order;
    }
}
