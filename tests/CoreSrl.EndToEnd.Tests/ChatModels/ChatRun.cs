using CoreSrl.ChatServers;
using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.EndToEnd.Tests.Training;

namespace CoreSrl.EndToEnd.Tests.ChatModels;

/// <summary>The guide's three models at one table: a local one that learns by gradients, and two on servers that learn in context.</summary>
internal sealed class ChatRun : IDisposable
{
    /// <summary>The key that the servers are given.</summary>
    public const string Key = "sk-secret-fedcba9876543210";

    private const string KeyVariable = "CORESRL_TEST_CHAT_KEY";

    private readonly TemporaryFolder _folder = new();

    public static IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string> { [KeyVariable] = Key };

    public string Folder => _folder.Path;

    public RunDirectory Directory => new(_folder.File("checkpoints/guide"));

    public string Checkpoints => _folder.File("checkpoints/guide");

    /// <summary>Writes its configuration.</summary>
    /// <param name="server">Which both remote models ask.</param>
    /// <param name="options">Further options of both.</param>
    public ChatRun Configure(ChatServer server, string options = "\"Retries\": 0")
    {
        _folder.Write("run.json", $$"""
            {
              "Training": { "RunName": "guide", "MaxEpisodes": 12, "GamesPerEpisode": 4, "UpdateFrequency": 2 },
              "Environment": { "Use": "question-answer", "Mode": "race" },
              "Models": [
                { "Id": "model_0_qwen3", "Use": "torch-lora", "HiddenSize": 8, "Layers": 1, "Heads": 1, "HeadDim": 4, "IntermediateSize": 8, "LoraRank": 2 },
                {
                  "Id": "model_1_openai", "Use": "openai", "Model": "gpt-test", "BaseAddress": "{{server.OpenAI}}", "ApiKeyVariable": "{{KeyVariable}}",
                  "Recording": "recordings/openai.jsonl", "InputPrice": 2.5, "OutputPrice": 10, {{options}}
                },
                {
                  "Id": "model_2_claude", "Use": "claude", "Model": "claude-test", "BaseAddress": "{{server.Claude}}", "ApiKeyVariable": "{{KeyVariable}}",
                  "Recording": "recordings/claude.jsonl", {{options}}
                }
              ],
              "Checkpoints": { "Directory": "checkpoints/guide", "SaveInterval": 3, "MaxCheckpoints": -1 }
            }
            """);
        return this;
    }

    /// <summary>Trains to the end, or as far as it comes.</summary>
    public Task<SrlResult> TrainAsync(params string[] arguments) => Srl.RunAsync(Folder, Environment, ["train", "run.json", .. arguments]);

    /// <summary>Begins to train.</summary>
    public Srl Start(params string[] arguments) => Srl.Start(Folder, Environment, ["train", "run.json", .. arguments]);

    /// <summary>The usage that a remote model's file of a checkpoint tells.</summary>
    public static long Usage(string checkpoint, string model, string name) =>
        (long)RunDirectory.Json(checkpoint, $"model_weights/{model}.json")["state"]!["usage"]![name]!;

    public void Dispose() => _folder.Dispose();
}
