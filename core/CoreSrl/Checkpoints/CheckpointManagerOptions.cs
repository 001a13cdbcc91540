using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Policies;
using CoreSrl.Configuration;

namespace CoreSrl.Checkpoints;

/// <summary>How a <see cref="CheckpointManager"/> saves.</summary>
public sealed record CheckpointManagerOptions
{
    /// <summary>Names the run; part of its checkpoints' names.</summary>
    /// <value>Default <c>training</c>. Letters, digits, <c>.</c>, <c>_</c> and <c>-</c>.</value>
    public string RunName { get; init; } = "training";

    /// <summary>How checkpoints are named; see <see cref="CheckpointOptions.Name"/>. <c>{mode}</c> and <c>{models}</c> are a trainer's.</summary>
    /// <value>Default <c>{run}_step_{episode}_{timestamp}</c>.</value>
    public string Name { get; init; } = "{run}_step_{episode}_{timestamp}";

    /// <summary>Every how many steps <see cref="CheckpointManager.SaveIfDueAsync"/> saves; 0 leaves it to <see cref="Policies"/>.</summary>
    /// <value>Default 100; at least 0.</value>
    public long SaveInterval { get; init; } = 100;

    /// <summary>How many of the newest are kept, final ones not counted; -1 keeps all.</summary>
    /// <value>Default 10; -1, or at least 1.</value>
    public int MaxCheckpoints { get; init; } = 10;

    /// <summary>More policies: any may ask for a save, any may keep a checkpoint. The engine's own are in
    /// <c>CoreSrl.Checkpoints.Policies</c>.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<ICheckpointPolicy> Policies { get; init; } = [];

    /// <summary>What happens when a checkpoint is due while those before are still being written and no more can wait.</summary>
    /// <value>Default <see cref="WhenBusy.Wait"/>.</value>
    public WhenBusy WhenBusy { get; init; } = WhenBusy.Wait;

    /// <summary>How many bytes of memory snapshots may take that wait to be written, beside the one that is being written: while a
    /// storage does not answer, saves queue up to this, up to 1000 of them, and until the oldest has been under way for
    /// <see cref="RetryFor"/>; then <see cref="WhenBusy"/> applies.</summary>
    /// <value>Default 256 MiB; 0 lets none wait.</value>
    public long MaxQueuedBytes { get; init; } = 256L << 20;

    /// <summary>Whether training goes on while a checkpoint is written.</summary>
    /// <value>Default true; false makes every save durable before it returns.</value>
    public bool Asynchronous { get; init; } = true;

    /// <summary>For how long a call to the storage that failed for a reason that may pass is tried again.</summary>
    /// <value>Default 2 minutes.</value>
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>A quick storage before the one that the manager is opened with: checkpoints are committed there first and copied behind
    /// training, so that a save costs what the quick one takes, and an outage of the other one nothing.</summary>
    /// <value>Default: none.</value>
    public FastTier? FastTier { get; init; }

    /// <summary>What messages call the place that somebody is to choose another of: the setting that says it, if one does.</summary>
    internal string Place { get; init; } = "directory";

    /// <summary>Refuses values that make no sense.</summary>
    /// <exception cref="ArgumentException">One does; the message names it.</exception>
    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(RunName);
        ArgumentOutOfRangeException.ThrowIfNegative(SaveInterval);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxQueuedBytes);
        if (MaxCheckpoints is 0 or < -1)
            throw new ArgumentException($"MaxCheckpoints is {MaxCheckpoints}; use -1 to keep all, or a number above 0.", nameof(MaxCheckpoints));
        if (CheckpointNameTemplate.Check(Name) is { } problem)
            throw new ArgumentException($"Name: {problem}.", nameof(Name));
        if (RunName.Length > 64 || !RunName.All(CheckpointNameTemplate.IsPortable) || RunName[0] is '.' or '-')
            throw new ArgumentException("RunName: use up to 64 letters, digits, '.', '_' or '-', beginning with a letter, digit or '_'.", nameof(RunName));
        if (CheckpointNameTemplate.CheckRun(Name, RunName) is { } unfit)
            throw new ArgumentException($"RunName: {unfit}.", nameof(RunName));
        ArgumentOutOfRangeException.ThrowIfLessThan(RetryFor, TimeSpan.Zero);
        if (FastTier is { } tier)
            ArgumentOutOfRangeException.ThrowIfLessThan(tier.Keep, 1, "FastTier.Keep");
    }
}
