using System.Diagnostics;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;

namespace CoreSrl.Benchmarks.Checkpoint;

/// <summary>The engine as a training loop uses it: all that the benchmark knows of it.</summary>
internal sealed class TrainingLoop : IAsyncDisposable
{
    private static readonly Dictionary<string, double> Metrics = new() { ["loss"] = 0.5 };

    private readonly CheckpointManager _checkpoints;
    private readonly IStateful _state;
    private long _step;

    private TrainingLoop(CheckpointManager checkpoints, IStateful state)
    {
        _checkpoints = checkpoints;
        _state = state;
        _step = checkpoints.Checkpoints is [var newest, ..] ? newest.Episode : 0;
    }

    /// <summary>Begins as a loop does: with what is there, if anything is.</summary>
    /// <param name="storage">Where the checkpoints lie.</param>
    /// <param name="state">What the loop trains.</param>
    /// <param name="keep">How many checkpoints are kept; -1 for all.</param>
    public static async Task<TrainingLoop> BeginAsync(ICheckpointStorage storage, IStateful state, int keep)
    {
        var checkpoints = await CheckpointManager.OpenAsync(storage, new() { RunName = "bench", SaveInterval = 1, MaxCheckpoints = keep });
        await checkpoints.RestoreLatestAsync(state);
        return new(checkpoints, state);
    }

    public int Count => _checkpoints.Checkpoints.Count;

    /// <summary>Saves: how long training is held up, and how long it takes until the checkpoint is durable.</summary>
    public async Task<(TimeSpan HeldUp, TimeSpan Durable)> SaveAsync()
    {
        var clock = Stopwatch.StartNew();
        var save = await _checkpoints.SaveAsync(++_step, Metrics, _state);
        var heldUp = clock.Elapsed;
        await save;
        var durable = clock.Elapsed;
        await _checkpoints.FlushAsync(); // What comes after, such as removing the oldest, is nobody's wait.
        return (heldUp, durable);
    }

    /// <summary>Puts the live tensors back to the newest checkpoint, every byte checked.</summary>
    public async Task<TimeSpan> LoadAsync()
    {
        var clock = Stopwatch.StartNew();
        var restored = await _checkpoints.RestoreLatestAsync(_state);
        var elapsed = clock.Elapsed;
        return restored?.Step == _step ? elapsed : throw new InvalidOperationException($"Step {restored?.Step} was restored; {_step} was saved last.");
    }

    public ValueTask DisposeAsync() => _checkpoints.DisposeAsync();
}
