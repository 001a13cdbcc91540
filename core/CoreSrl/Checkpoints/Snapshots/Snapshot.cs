namespace CoreSrl.Checkpoints.Snapshots;

/// <summary>
/// All models as they were at one episode boundary, in memory that is free for the next one when the last holder lets go.
/// </summary>
internal sealed class Snapshot : IDisposable
{
    private readonly Action _release;
    private int _holders = 1;

    public Snapshot(IReadOnlyList<ModelSnapshot> models, long length, Action release)
    {
        Models = models;
        Length = length;
        _release = release;
    }

    /// <summary>The memory that it takes, in bytes.</summary>
    public long Length { get; }

    /// <summary>The models, in the order of the configuration.</summary>
    public IReadOnlyList<ModelSnapshot> Models { get; }

    /// <summary>One more holder; each calls <see cref="Dispose"/> once.</summary>
    public Snapshot Share()
    {
        Interlocked.Increment(ref _holders);
        return this;
    }

    /// <summary>One holder lets go.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
            _release();
    }
}
