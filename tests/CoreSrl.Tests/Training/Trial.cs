using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Configuration;
using CoreSrl.Plugins;
using CoreSrl.Plugins.CustomMetrics;
using CoreSrl.Tests.Fakes;
using CoreSrl.Tests.Storage;
using CoreSrl.Training;
using LocalStoragePlugin = CoreSrl.Plugins.LocalStorage.LocalStorage;

namespace CoreSrl.Tests.Training;

/// <summary>A run in a folder of its own: three small models, a game with memory, and the real local storage.</summary>
internal sealed class Trial : IDisposable
{
    // No save waits behind another, unless a test is about that: then every run takes the same checkpoints.
    private const string Json = """
        {
          "Training": { "RunName": "trial", "MaxEpisodes": 10, "GamesPerEpisode": 2, "LearningRate": 0.05 },
          "Environment": { "Use": "test-game" },
          "Models": [ { "Id": "a", "Use": "test-model" }, { "Id": "b", "Use": "test-model" }, { "Id": "c", "Use": "test-model", "Width": 6, "Frozen": 3 } ],
          "Checkpoints": { "SaveInterval": 4, "MaxCheckpoints": -1, "MaxQueuedBytes": 0 }
        }
        """;

    private readonly TemporaryFolder _folder = new();

    public Trial() => Storage = new(LocalStoragePlugin.In(Folder));

    public string Folder => _folder["checkpoints"];

    public StillClock Clock { get; } = new();

    /// <summary>The trainer's clock, if it is another.</summary>
    public TimeProvider? Time { get; init; }

    public List<string> Notices { get; } = [];

    public RecordingLoggers Loggers { get; } = new();

    /// <summary>The local storage of the folder, with places to make calls fail or wait; for <see cref="OpenFaultyAsync"/>.</summary>
    public FaultyStorage Storage { get; }

    public string File(params string[] parts) => Path.Combine([Folder, .. parts]);

    public Task<MultiModelTrainer> OpenAsync(params string[] settings) => OpenAsync(typeof(LocalStoragePlugin), settings);

    /// <summary>A new trainer that uses <see cref="Storage"/>.</summary>
    public Task<MultiModelTrainer> OpenFaultyAsync(params string[] settings)
    {
        PreparedStorage.Prepare(Folder, Storage);
        return OpenAsync(typeof(PreparedStorage), settings);
    }

    /// <summary>A new trainer on the folder, as a new process would make one.</summary>
    public async Task<MultiModelTrainer> OpenAsync(Type storage, params string[] settings)
    {
        var services = new HostServices
        {
            Loggers = Loggers,
            Time = Time ?? Clock,
            PluginTypes = [typeof(TestBackend), typeof(OtherBackend), typeof(TestEnvironment), typeof(OtherEnvironment), typeof(TestPolicy), typeof(TestTags), typeof(TestContributor), typeof(CustomMetricsContributor), storage],
        };
        var trainer = await MultiModelTrainer.CreateAsync(MultiModelConfig.Parse(Json, "the trial", [$"Checkpoints:Directory={Folder}", .. settings]), services);
        trainer.Notice += Notices.Add;
        return trainer;
    }

    /// <summary>Trains in a process of its own, to the end.</summary>
    public async Task<TrainingResult> TrainAsync(params string[] settings)
    {
        await using var trainer = await OpenAsync(settings);
        return await trainer.TrainAsync();
    }

    /// <summary>Trains in a process of its own and cancels at the end of an episode.</summary>
    public async Task<TrainingResult> TrainUntilAsync(long episode, params string[] settings)
    {
        await using var trainer = await OpenAsync(settings);
        return await TrainUntilAsync(trainer, episode);
    }

    public static async Task<TrainingResult> TrainUntilAsync(MultiModelTrainer trainer, long episode)
    {
        using var stop = new CancellationTokenSource();
        void Stop(EpisodeReport report)
        {
            if (report.Progress.Episode == episode)
                stop.Cancel();
        }

        trainer.EpisodeCompleted += Stop;
        try
        {
            return await trainer.TrainAsync(stop.Token);
        }
        finally
        {
            trainer.EpisodeCompleted -= Stop;
        }
    }

    /// <summary>All of a checkpoint that must be equal to the last bit: every file, but for its own and its parent's name and time.</summary>
    public string Content(SavedCheckpoint? checkpoint)
    {
        Assert.NotNull(checkpoint);
        var content = new List<string>();
        foreach (var path in Directory.EnumerateFiles(File(checkpoint.Id), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(File(checkpoint.Id), path);
            content.Add($"{name} {(name.EndsWith(".json", StringComparison.Ordinal) ? Comparable(path) : Convert.ToHexString(System.IO.File.ReadAllBytes(path)))}");
        }

        return string.Join('\n', content);
    }

    public JsonObject Read(SavedCheckpoint? checkpoint, string file) => JsonNode.Parse(System.IO.File.ReadAllText(File(checkpoint!.Id, file)))!.AsObject();

    public void Damage(SavedCheckpoint checkpoint, string file)
    {
        var path = File([checkpoint.Id, .. file.Split('/')]);
        var bytes = System.IO.File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        System.IO.File.WriteAllBytes(path, bytes);
    }

    public void Dispose() => _folder.Dispose();

    private static string Comparable(string path)
    {
        var json = JsonNode.Parse(System.IO.File.ReadAllText(path))!.AsObject();
        foreach (var own in new[] { "checkpoint_id", "timestamp", "parent", "reason", "tags", "files", "config", "config_changes", "xxh128" })
            json.Remove(own);
        return json.ToJsonString();
    }
}
