using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints;

/// <summary>How long a loop has trained, and how long saves have held it up, over all its processes.</summary>
internal sealed class TrainingClock(TimeProvider time)
{
    private long _began = time.GetTimestamp();
    private TimeSpan _elapsedBefore;
    private TimeSpan _heldUpBefore;
    private TimeSpan _heldUpHere;

    /// <summary>The time spent training, without <see cref="HeldUp"/>.</summary>
    public TimeSpan Elapsed => _elapsedBefore + time.GetElapsedTime(_began) - _heldUpHere;

    /// <summary>The time for which saves held up training.</summary>
    public TimeSpan HeldUp => _heldUpBefore + _heldUpHere;

    /// <summary>The time now, for <see cref="HeldUpSince"/>.</summary>
    public long Timestamp() => time.GetTimestamp();

    /// <summary>Counts the time that passed since a timestamp.</summary>
    public void HeldUpSince(long timestamp) => _heldUpHere += time.GetElapsedTime(timestamp);

    /// <summary>Goes on from what a checkpoint recorded.</summary>
    public void GoOnFrom(SavedCheckpoint saved)
    {
        (_elapsedBefore, _heldUpBefore, _heldUpHere) = (saved.Elapsed, saved.HeldUp, TimeSpan.Zero);
        _began = time.GetTimestamp();
    }
}
