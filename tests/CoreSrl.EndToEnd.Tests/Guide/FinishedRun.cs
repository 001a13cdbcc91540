using System.Text.Json.Nodes;
using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.EndToEnd.Tests.Training;

namespace CoreSrl.EndToEnd.Tests.Guide;

/// <summary>A directory with a finished run, trained once for all tests that look at one: 24 checkpoints, the twelfth tagged best.</summary>
public sealed class FinishedRun : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Where the configuration <c>run.json</c> and the directory <c>checkpoints</c> are.</summary>
    public string Folder => _folder.Path;

    public string Directory => _folder.File("checkpoints");

    /// <summary>The checkpoints' folders, oldest first.</summary>
    internal IReadOnlyList<string> Checkpoints => new RunDirectory(Directory).Checkpoints;

    /// <summary>What a run of these tests is configured to be.</summary>
    public static string Configuration => $$"""
        {
          "Training": { "RunName": "arena", "MaxEpisodes": 24, "GamesPerEpisode": 4, "UpdateFrequency": 2 },
          "Environment": { "Use": "coop-compete", "Rounds": 2 },
          "Models": [ { "Id": "red", "Use": "torch-lora" }, { "Id": "green", "Use": "torch-lora" }, { "Id": "blue", "Use": "torch-lora" } ],
          "Checkpoints": {
            "Directory": "checkpoints", "SaveInterval": 1, "MaxCheckpoints": -1,
            "Policies": [ { "Use": "milestone", "Episodes": [ 12 ], "Tag": "best" } ],
            "Metadata": [ { "Use": "custom-metrics", "Window": 6 } ]
          },
          "Plugins": { "Directories": [ {{JsonValue.Create(TestPlugins.Folder).ToJsonString()}} ] }
        }
        """;

    public async Task InitializeAsync()
    {
        _folder.Write("run.json", Configuration);
        (await Srl.RunAsync(Folder, "train", "run.json")).Succeeded();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _folder.Dispose();

    /// <summary>Runs a command there, which must succeed, and reads the one document that it prints.</summary>
    internal async Task<JsonNode> ReadAsync(params string[] arguments)
    {
        var result = (await Srl.RunAsync(Folder, arguments)).Succeeded();
        Assert.Empty(result.Error);
        return JsonNode.Parse(result.Output)!;
    }

    /// <summary>Runs a command there, which must succeed.</summary>
    /// <returns>What it says.</returns>
    internal async Task<string> SayAsync(params string[] arguments) => (await Srl.RunAsync(Folder, arguments)).Succeeded().Output;
}

/// <summary>The tests that share the finished run.</summary>
[CollectionDefinition(Name)]
public sealed class AFinishedRun : ICollectionFixture<FinishedRun>
{
    public const string Name = "a finished run";
}
