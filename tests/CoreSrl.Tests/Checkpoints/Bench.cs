using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Checkpoints.Snapshots;
using CoreSrl.Checkpoints.Storing;
using CoreSrl.Tests.Fakes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CoreSrl.Tests.Checkpoints;

/// <summary>A directory of checkpoints and models to save there, without a trainer.</summary>
internal sealed class Bench : IAsyncDisposable
{
    private Bench(ICheckpointStorage storage, CheckpointStore store, StillClock clock, IReadOnlyList<TestModel> models)
    {
        Storage = storage;
        Store = store;
        Clock = clock;
        Models = models;
        States = [.. models.Select((model, index) => ($"m{index}", (IStateful)model))];
    }

    public ICheckpointStorage Storage { get; }

    public CheckpointStore Store { get; }

    public StillClock Clock { get; }

    public IReadOnlyList<TestModel> Models { get; }

    public IReadOnlyList<(string Id, IStateful State)> States { get; }

    public SnapshotBuffers Buffers { get; } = new(queued: 0);

    public string[] Ids => [.. Store.Checkpoints.Select(saved => saved.Id)];

    public static async Task<Bench> OpenAsync(
        ICheckpointStorage storage, int maxCheckpoints = -1, int frozen = 0, StillClock? clock = null, TimeProvider? timers = null, ILoggerFactory? loggers = null,
        params IReadOnlyList<ICheckpointPolicy> policies)
    {
        clock ??= new();
        var store = await CheckpointStore.OpenAsync(
            storage, new() { RunName = "test", Name = "{run}_ep_{episode}_{timestamp}", SaveInterval = 1, MaxCheckpoints = maxCheckpoints, MaxQueuedBytes = 0 }, [("test-policy", new TestPolicy(new() { Every = long.MaxValue })), .. policies.Select(policy => (policy.GetType().Name, policy))],
            new() { Time = timers ?? clock, Loggers = loggers ?? NullLoggerFactory.Instance }, default);
        return new(storage, store, clock, [new(1, new() { Width = 300, Frozen = frozen }), new(2, new() { Width = 5, Frozen = frozen })]);
    }

    public CheckpointContent Content(long episode, string runId = "run", bool final = false, params string[] tags) => new()
    {
        RunId = runId,
        RunName = "test",
        Episode = episode,
        EnvironmentSteps = episode * 10,
        Final = final,
        Reason = "the test wants it",
        Tags = [.. tags],
        Snapshot = Buffers.TryCapture(States)!,
        Metrics = new Dictionary<string, double> { ["avg_reward"] = 0.25, ["count"] = 3 },
        Documents = () => new()
        {
            ModelStates = new() { ["m0"] = new JsonObject { ["total_reward"] = 1.5 } },
            GlobalMetrics = new() { ["avg_reward"] = 0.25, ["count"] = 3, ["note"] = "text", ["nothing"] = null },
            Config = [],
            TrainingState = new() { ["trainer"] = new JsonObject { ["episode"] = episode } },
            Plugins = [],
        },
    };

    /// <summary>Takes the directory and begins to save, once there is room.</summary>
    public async Task<(string Id, Task<SavedCheckpoint> Durable)> BeginSaveAsync(long episode)
    {
        await Store.ClaimAsync(default);
        await Store.MakeRoomAsync(episode, urgent: true);
        return Store.BeginSave(Content(episode));
    }

    /// <summary>Saves, a second after the save before; when it returns, what is no longer kept is gone.</summary>
    public async Task<SavedCheckpoint> SaveAsync(long episode, string runId = "run", bool final = false, params string[] tags)
    {
        Clock.Now += TimeSpan.FromSeconds(1);
        await Store.ClaimAsync(default);
        await Store.MakeRoomAsync(episode, urgent: true);
        var saved = await Store.BeginSave(Content(episode, runId, final, tags)).Durable;
        await Store.FlushAsync();
        return saved;
    }

    public async Task<CheckpointRecord> DescribeAsync(string id) => (await Store.ReadAsync(id, default)).Record;

    /// <summary>Reads all that a resume reads, into models of the same shapes but other weights.</summary>
    public static async Task<IReadOnlyList<TestModel>> RestoreAsync(CheckpointStore store, string id, int frozen = 0, float frozenValue = 1.5f)
    {
        var reader = await store.ReadAsync(id, default);
        await reader.ReadJsonAsync(CheckpointLayout.TrainingState, default);
        IReadOnlyList<TestModel> models = [new(11, new() { Width = 300, Frozen = frozen }), new(12, new() { Width = 5, Frozen = frozen })];
        foreach (var tensor in models.SelectMany(model => model.Tensors).Where(tensor => tensor.Part == TensorPart.Frozen))
            ((ManagedTensor)tensor).Floats.Fill(frozenValue);
        for (var index = 0; index < models.Count; index++)
            await reader.RestoreAsync(index, $"m{index}", models[index], default);
        return models;
    }

    /// <summary>Whether two lists of models hold the same bits in every tensor, and the same step count.</summary>
    public static bool Same(IReadOnlyList<TestModel> left, IReadOnlyList<TestModel> right) =>
        left.Zip(right).All(pair => pair.First.Steps == pair.Second.Steps && pair.First.Tensors.Zip(pair.Second.Tensors)
            .All(tensors => ((ManagedTensor)tensors.First).Bytes.AsSpan().SequenceEqual(((ManagedTensor)tensors.Second).Bytes)));

    public async ValueTask DisposeAsync() => await Store.DisposeAsync();
}
