using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoreSrl.Cli.Display;
using CoreSrl.Configuration;
using CoreSrl.Training;

namespace CoreSrl.Cli.Commands;

/// <summary><c>srl train</c>: starts a run, or goes on with an unfinished one.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var command = new Command("train", "Train the models of a configuration; goes on by itself where an earlier run stopped.");
        var configuration = new ConfigurationArguments(command, positional: true);
        var fresh = new Option<bool>("--fresh") { Description = "Start a new run; refuses a directory that already holds one." };
        var resume = new Option<string?>("--resume")
        {
            Description = "Go on from a certain checkpoint: latest, best, best:METRIC, final, episode:150, or an id as 'srl list' shows it.",
            HelpName = "checkpoint",
        };
        var json = new Option<bool>("--json") { Description = "Print nothing but one JSON document about how training ended." };
        command.Options.Add(fresh);
        command.Options.Add(resume);
        command.Options.Add(json);
        command.SetAction(parsed => TrainAsync(
            configuration.Load(parsed, Resume(parsed.GetValue(fresh), parsed.GetValue(resume))), configuration.PlaceAsTyped(parsed), parsed.GetValue(json)));
        return command;
    }

    private static string[] Resume(bool fresh, string? choice) => (fresh, choice) switch
    {
        (true, not null) => throw new ConfigurationException($"--fresh and --resume {choice} do not go together: start anew, or go on."),
        (true, null) => ["Checkpoints:Resume=fresh"],
        (false, not null) => [$"Checkpoints:Resume={choice}"],
        _ => [],
    };

    private static async Task<int> TrainAsync(MultiModelConfig config, string placeAsTyped, bool json)
    {
        using var interruption = new Interruption();
        using var untimely = new UntimelyEnd(interruption);
        await using var display = TrainingDisplay.Create(config, json);
        var asking = new SaveSignal(display.ShowNotice);
        using var loggers = new DisplayLoggerFactory(display);
        await using var trainer = await CreateAsync();
        trainer.EpisodeCompleted += display.ShowEpisode;
        trainer.CheckpointSaved += display.ShowCheckpoint;
        trainer.Notice += display.ShowNotice;
        interruption.Interrupted += () => display.ShowNotice("Interrupted: saving the last episode. Once more stops at once, without saving.");

        asking.Ask(trainer);
        await display.StartAsync(trainer);
        var clock = Stopwatch.StartNew();
        TrainingResult result;
        try
        {
            untimely.TrainingBegins();
            result = await trainer.TrainAsync(interruption.Token);
        }
        catch (Exception e)
        {
            untimely.TrainingFailed(e);
            throw;
        }
        finally
        {
            await display.StopAsync();
        }

        untimely.TrainingEnded(result);
        if (json)
            Console.WriteLine(JsonText.Write(Describe(result)));
        else
            Summary.Write(result, display.Learned, clock.Elapsed, config, trainer.CheckpointLocation, placeAsTyped);
        return result.Outcome == TrainingOutcome.Interrupted ? ExitCode.Interrupted : ExitCode.Done;

        async Task<MultiModelTrainer> CreateAsync()
        {
            try
            {
                return await ProgressBar.WaitAsync("Starting", MultiModelTrainer.CreateAsync(config, new() { Loggers = loggers }, interruption.Token));
            }
            finally
            {
                untimely.ThrowIfFailed();
            }
        }
    }

    private static JsonObject Describe(TrainingResult result) => new()
    {
        ["outcome"] = JsonNamingPolicy.SnakeCaseLower.ConvertName(result.Outcome.ToString()),
        ["episode"] = result.Episode,
        ["checkpoint"] = result.Checkpoint?.Id,
        ["verified"] = result.Verified,
        ["models"] = new JsonObject(result.Models.Select(model => KeyValuePair.Create(model.ModelId, (JsonNode?)new JsonObject
        {
            ["avg_reward"] = model.AverageReward,
            ["episode_count"] = model.EpisodeCount,
            ["win_count"] = model.WinCount,
            ["update_count"] = model.UpdateCount,
            ["cooperation_score"] = model.CooperationScore,
        }))),
    };
}
