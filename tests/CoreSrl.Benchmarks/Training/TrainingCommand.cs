using System.CommandLine;
using CoreSrl.Benchmarks.Harness;

namespace CoreSrl.Benchmarks.Training;

/// <summary><c>training</c>: how fast the default configuration plays, learns and starts.</summary>
internal static class TrainingCommand
{
    public static Command Create()
    {
        var command = new Command("training", "How fast the default configuration plays, learns and starts.");
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var runs = new Option<int>("--runs") { Description = "How many runs are timed after the warm-up.", DefaultValueFactory = _ => 5 };
        var episodes = new Option<int>("--episodes") { Description = "How long a whole training run is.", DefaultValueFactory = _ => 60 };
        runs.Validators.Add(result => RequireAtLeast(result, 1));
        episodes.Validators.Add(result => RequireAtLeast(result, 2));
        command.Options.Add(json);
        command.Options.Add(runs);
        command.Options.Add(episodes);
        command.SetAction(async parsed => Report.Write("training", await MeasureAsync(parsed.GetValue(runs), parsed.GetValue(episodes)), parsed.GetValue(json)));
        return command;
    }

    private static async Task<IReadOnlyList<Measurement>> MeasureAsync(int runs, int episodes) =>
    [
        .. await WholeRun.MeasureAsync(runs, episodes),
        .. await ModelSpeed.MeasureAsync(runs),
        .. await ProcessStart.MeasureAsync(runs),
    ];

    private static void RequireAtLeast(System.CommandLine.Parsing.OptionResult result, int least)
    {
        if (result.GetValueOrDefault<int>() < least)
            result.AddError($"{result.Option.Name} must be at least {least}.");
    }
}
