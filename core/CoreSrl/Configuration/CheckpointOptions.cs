using System.ComponentModel.DataAnnotations;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Checkpoints.Policies;

namespace CoreSrl.Configuration;

/// <summary>The plain options of the section <c>Checkpoints</c>; its plugins are in <see cref="MultiModelConfig"/>.</summary>
public sealed record CheckpointOptions : IValidatableObject
{
    /// <summary>Where the checkpoints lie; relative to the current directory.</summary>
    /// <value>Default <c>./checkpoints/multimodel</c>.</value>
    [Required]
    public string Directory { get; init; } = "./checkpoints/multimodel";

    /// <summary>Every how many episodes one is taken; 0 leaves it to <c>Policies</c>.</summary>
    /// <value>Default 100; at least 0.</value>
    [Range(0L, 1_000_000_000_000L)]
    public long SaveInterval { get; init; } = 100;

    /// <summary>How many of the newest are kept, final ones not counted; -1 keeps all.</summary>
    /// <value>Default 10; -1, or at least 1.</value>
    [Range(-1, int.MaxValue)]
    public int MaxCheckpoints { get; init; } = 10;

    /// <summary>
    /// How they are named. <c>{run}</c>, <c>{episode}</c>, <c>{timestamp}</c> (UTC, Unix seconds without a format), <c>{mode}</c>,
    /// <c>{models}</c> (how many) and <c>{metric:avg_reward}</c> stand for their values; a .NET format may follow behind a colon, as in
    /// <c>{episode:000000}</c>, <c>{timestamp:yyyyMMdd-HHmmss}</c> or <c>{metric:avg_reward:F3}</c>.
    /// </summary>
    /// <value>Default <c>{run}_ep_{episode}_{timestamp}</c>. Episode and timestamp are required.</value>
    [Required]
    public string Name { get; init; } = "{run}_ep_{episode}_{timestamp}";

    /// <summary>Where a start begins. <c>auto</c> goes on with the newest whole checkpoint of the directory, or starts a run where there
    /// is none; <c>fresh</c> starts a new run and refuses a directory that already holds one; <c>latest</c>, <c>best</c> (the newest
    /// with that tag), <c>best:METRIC</c>, <c>final</c>, <c>episode:150</c> or a checkpoint's id go on with that one or not at all.</summary>
    /// <value>Default <c>auto</c>.</value>
    [Required]
    public string Resume { get; init; } = "auto";

    /// <summary>Whether a run reads its final checkpoint back, to its last byte, before it says that it is finished.</summary>
    /// <value>Default true. False spares a slow storage one more transfer of all weights.</value>
    public bool VerifyFinal { get; init; } = true;

    /// <summary>What happens when a checkpoint is due while those before are still being written and no more can wait for their turn:
    /// <c>wait</c> for one, or <c>skip</c> the new one, which the next one records.</summary>
    /// <value>Default <see cref="WhenBusy.Wait"/>.</value>
    public WhenBusy WhenBusy { get; init; } = WhenBusy.Wait;

    /// <summary>How many bytes of memory snapshots may take that wait to be written, beside the one that is being written: while a
    /// storage does not answer, saves queue up to this, up to 1000 of them, and until the oldest has been under way for
    /// <see cref="RetryFor"/>; then <c>WhenBusy</c> applies.</summary>
    /// <value>Default 256 MiB; 0 lets none wait.</value>
    [Range(0L, long.MaxValue)]
    public long MaxQueuedBytes { get; init; } = 256L << 20;

    /// <summary>Whether training goes on while a checkpoint is written.</summary>
    /// <value>Default true.</value>
    public bool Asynchronous { get; init; } = true;

    /// <summary>For how long a call to the storage that failed for a reason that may pass (a busy server, a lost connection) is tried
    /// again before the run stops.</summary>
    /// <value>Default 00:02:00; 0 to 7 days.</value>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromMinutes(2);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Directory.Contains("://", StringComparison.Ordinal))
            yield return new("it is a folder of this machine, and no URL; for that say \"Storage\": { \"Use\": …, \"Url\": … }", [nameof(Directory)]);
        if (MaxCheckpoints == 0)
            yield return new("0 would keep none; use -1 to keep all, or a number above 0", [nameof(MaxCheckpoints)]);
        if (CheckpointNameTemplate.Check(Name, ofTrainer: true) is { } problem)
            yield return new(problem, [nameof(Name)]);
        if (CheckpointChoice.Check(Resume) is { } unclear)
            yield return new(unclear, [nameof(Resume)]);
    }

    /// <summary>The options of the engine below.</summary>
    /// <param name="config">The configuration that these options are part of.</param>
    /// <param name="fast">The storage of the fast tier, where the configuration has one.</param>
    internal CheckpointManagerOptions ToManagerOptions(MultiModelConfig config, ICheckpointStorage? fast) => new()
    {
        RunName = config.Training.RunName,
        Name = CheckpointNameTemplate.OfRun(Name, config.Training.Mode, config.Models.Count),
        SaveInterval = SaveInterval,
        MaxCheckpoints = MaxCheckpoints,
        WhenBusy = WhenBusy,
        MaxQueuedBytes = MaxQueuedBytes,
        Asynchronous = Asynchronous,
        RetryFor = RetryFor,
        FastTier = fast is null ? null : new(fast) { Keep = config.FastTier!.Options.Keep },
        Place = config.PlaceSetting,
    };
}
