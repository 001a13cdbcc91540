using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Tests.Fakes;
using CoreSrl.Tests.Storage;

namespace CoreSrl.Tests.Checkpoints.Damage;

/// <summary>A directory with an older and a newer checkpoint that share nothing, on the real local storage; each has every kind of
/// file, base weights included.</summary>
internal sealed class TwoCheckpoints : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TestModel _older = Model(1, steps: 10, frozen: 1.5f);
    private readonly TestModel _newer = Model(2, steps: 20, frozen: 2.5f);

    private TwoCheckpoints()
    {
    }

    /// <summary>The id of the older checkpoint.</summary>
    public string Older { get; private set; } = "";

    /// <summary>The id of the newer one.</summary>
    public string Newer { get; private set; } = "";

    /// <summary>Where each file of the newer one lies, by the name that an error gives it.</summary>
    public IReadOnlyDictionary<string, string> NewerFiles { get; private set; } = new Dictionary<string, string>();

    public string Path => _folder.Path;

    public static async Task<TwoCheckpoints> CreateAsync()
    {
        var two = new TwoCheckpoints();
        await using var manager = await CheckpointManager.OpenAsync(StorageCalls.Open(two.Path));
        two.Older = await SaveAsync(manager, 1, two._older);
        two.Newer = await SaveAsync(manager, 2, two._newer);
        var record = await manager.DescribeAsync(two.Newer);
        two.NewerFiles = record.Files.Keys.Append("metadata.json").ToDictionary(file => file, file => two.At($"{two.Newer}/{file}"))
            .Append(new($"base_weights/{record.BaseWeights.Keys.Single()}.safetensors", two.At($"base_weights/{record.BaseWeights.Keys.Single()}.safetensors")))
            .ToDictionary();
        Assert.Equal(7, two.NewerFiles.Count);
        return two;
    }

    /// <summary>The path of a key.</summary>
    public string At(string key) => _folder[key.Split('/')];

    /// <summary>Opens the directory as a new process would.</summary>
    public Task<CheckpointManager> OpenAsync(LogLines? log = null, ICheckpointStorage? storage = null) => CheckpointManager.OpenReadOnlyAsync(
        storage ?? StorageCalls.Open(Path), new() { RetryFor = TimeSpan.Zero }, new() { Loggers = log ?? new() });

    /// <summary>A model that holds nothing right, to be restored.</summary>
    public static TestModel Unknown() => Model(3, steps: -1, frozen: 0);

    /// <summary>Whether a model is to the last bit what was saved as the older checkpoint.</summary>
    public bool IsOlder(TestModel model) => Bench.Same([_older], [model]);

    /// <summary>Whether a model is to the last bit what was saved as the newer checkpoint.</summary>
    public bool IsNewer(TestModel model) => Bench.Same([_newer], [model]);

    public void Dispose() => _folder.Dispose();

    private static async Task<string> SaveAsync(CheckpointManager manager, long step, TestModel model) =>
        (await (await manager.SaveAsync(step, new Dictionary<string, double> { ["loss"] = 1.0 / step }, model, new() { ["step"] = step }))).Id;

    private static TestModel Model(ulong seed, long steps, float frozen)
    {
        var model = new TestModel(seed, new() { Width = 300, Frozen = 3 });
        model.RestoreState(new() { ["steps"] = steps });
        foreach (var tensor in model.Tensors.Cast<ManagedTensor>().Where(tensor => tensor.Part != TensorPart.Adapter))
            tensor.Floats.Fill(frozen);
        return model;
    }
}
