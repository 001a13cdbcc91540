namespace CoreSrl.Checkpoints.Loading;

/// <summary>Adds up what is read of checkpoints, and tells it.</summary>
/// <param name="progress">Told; null for nobody.</param>
internal sealed class ReadProgress(IProgress<CheckpointProgress>? progress)
{
    private long _read;
    private long _total;

    /// <summary>Whether anybody is told.</summary>
    public bool IsWatched => progress is not null;

    /// <summary>Says that so many bytes more are going to be read.</summary>
    public void Expect(long bytes) => Interlocked.Add(ref _total, bytes);

    /// <summary>Whom to tell of bytes that are read of a checkpoint; null for nobody.</summary>
    public Action<long>? Of(string id) => progress is null ? null : bytes =>
    {
        var total = Volatile.Read(ref _total);
        if (total == 0)
            return; // Read to find out what there is to read.
        // What had to be tried again was counted twice.
        progress.Report(new(id, Math.Min(Interlocked.Add(ref _read, bytes), total), total));
    };
}
