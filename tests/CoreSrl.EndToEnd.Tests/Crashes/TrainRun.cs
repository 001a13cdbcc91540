using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.Killing;

namespace CoreSrl.EndToEnd.Tests.Crashes;

/// <summary>Runs of <c>srl train</c> on the storage that kills: two models on base weights of their own, saved after every episode.</summary>
internal static partial class TrainRun
{
    /// <summary>What it says at its end.</summary>
    public const string End = "Finished 4 episodes;";

    /// <summary>What it says of a run that was finished before.</summary>
    public const string AlreadyFinished = "is finished: 4 of 4 episodes. Nothing was changed.";

    private const string Model = "\"Use\": \"torch-lora\", \"HiddenSize\": 8, \"Layers\": 1, \"Heads\": 1, \"HeadDim\": 4, \"IntermediateSize\": 8, \"LoraRank\": 1";

    /// <summary>Where a folder's checkpoints lie.</summary>
    public static string Checkpoints(this TemporaryFolder folder) => folder.File("checkpoints");

    /// <summary>Runs it in a folder, from its newest checkpoint on.</summary>
    public static Task<CrashRun> RunAsync(TemporaryFolder folder, KillPoint? point)
    {
        folder.Write("run.json", $$"""
            {
              "Training": { "RunName": "run", "MaxEpisodes": 4, "GamesPerEpisode": 2, "UpdateFrequency": 1 },
              "Environment": { "Use": "coop-compete", "Rounds": 2 },
              "Models": [ { "Id": "one", {{Model}}, "BaseSeed": 1, "LoraDropout": 0.1 }, { "Id": "two", {{Model}}, "BaseSeed": 2 } ],
              "Checkpoints": { "Directory": "checkpoints", "SaveInterval": 1, "MaxCheckpoints": 1, "Storage": { "Use": "killing" } },
              "Plugins": { "Directories": [ {{JsonValue.Create(TestPlugins.Folder).ToJsonString()}} ] }
            }
            """);
        return CrashRun.RunAsync(folder.Path, point, Srl.Path, "train", "run.json");
    }

    /// <summary>The newest episode that it said to be saved, or to have gone on from.</summary>
    public static long DurableEpisode(this CrashRun run) =>
        SavedEpisode().Matches(run.Output).Select(match => long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).DefaultIfEmpty().Max();

    [GeneratedRegex(@"^(?:saved |Going on from checkpoint ')(?:final_)?run_ep_(\d+)_", RegexOptions.Multiline)]
    private static partial Regex SavedEpisode();
}
