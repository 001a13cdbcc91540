using System.Collections.Immutable;
using System.Text.Json.Nodes;
using CoreSrl.Checkpoints.Snapshots;

namespace CoreSrl.Checkpoints.Storing;

/// <summary>Everything that goes into one checkpoint, at one episode boundary.</summary>
internal sealed record CheckpointContent
{
    /// <summary>The run it belongs to.</summary>
    public required string RunId { get; init; }

    /// <summary>The run's name, part of the checkpoint's.</summary>
    public required string RunName { get; init; }

    /// <summary>The id of the checkpoint before it in the run; null for the first.</summary>
    public string? Parent { get; init; }

    /// <summary>The episodes completed.</summary>
    public required long Episode { get; init; }

    /// <summary>The environment steps taken.</summary>
    public long EnvironmentSteps { get; init; }

    /// <summary>The time spent training.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>The time for which earlier saves held up training.</summary>
    public TimeSpan HeldUp { get; init; }

    /// <summary>Whether the run is finished.</summary>
    public bool Final { get; init; }

    /// <summary>Why it is taken, for people.</summary>
    public required string Reason { get; init; }

    /// <summary>Words by which it can be found again.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>The numbers among its metrics, for the policies.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>The models. The content is one of its holders until it is written.</summary>
    public required Snapshot Snapshot { get; init; }

    /// <summary>The rest, as JSON; made on the thread that writes it, not on the one that trains.</summary>
    public required Func<CheckpointDocuments> Documents { get; init; }
}

/// <summary>The parts of a checkpoint that are JSON.</summary>
internal sealed record CheckpointDocuments
{
    /// <summary>Statistics by model id.</summary>
    public required JsonObject ModelStates { get; init; }

    /// <summary>Metrics by name.</summary>
    public required JsonObject GlobalMetrics { get; init; }

    /// <summary>The configuration in effect, plugin options as given: secrets belong in the environment, not in a configuration.</summary>
    public required JsonObject Config { get; init; }

    /// <summary>The options that the run went on with other values of, and since which episode.</summary>
    public JsonArray ConfigChanges { get; init; } = [];

    /// <summary>What else the run needs to go on exactly.</summary>
    public required JsonObject TrainingState { get; init; }

    /// <summary>The plugins in use: name, contract, version.</summary>
    public required JsonArray Plugins { get; init; }

    /// <summary>What went wrong without stopping the save.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];
}
