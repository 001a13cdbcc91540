using System.Diagnostics;
using CoreSrl.Benchmarks.Harness;
using CoreSrl.Configuration;
using CoreSrl.Plugins;
using CoreSrl.Plugins.Environments;
using CoreSrl.Plugins.LocalStorage;
using CoreSrl.Training;

namespace CoreSrl.Benchmarks.Training;

/// <summary>Trains the default configuration with its checkpoints: how fast as a whole, and where an episode's time goes.</summary>
internal static class WholeRun
{
    public static async Task<IReadOnlyList<Measurement>> MeasureAsync(int runs, int episodes)
    {
        await TrainAsync(episodes);
        var speeds = new List<double>();
        var splits = new List<EpisodeTime>();
        for (var run = 0; run < runs; run++)
        {
            var (speed, split) = await TrainAsync(episodes);
            speeds.Add(speed);
            splits.Add(split);
        }

        return
        [
            new("training as a whole", "environment steps/s", [.. speeds]),
            Part("an episode", split => split.Total),
            Part("  its models answer", split => split.Answering),
            Part("  other work of playing", split => split.Playing - split.Answering),
            Part("  its models learn", split => split.Learning),
            Part("  snapshot", split => split.Snapshot),
            Part("  rest: metrics, policies, checkpoints", split => split.Rest),
        ];

        Measurement Part(string name, Func<EpisodeTime, TimeSpan> part) =>
            new(name, "ms", [.. splits.Select(split => part(split).TotalMilliseconds)]);
    }

    private static async Task<(double StepsPerSecond, EpisodeTime Split)> TrainAsync(int episodes)
    {
        using var folder = new TemporaryFolder();
        var config = MultiModelConfig.Default([
            $"Training:MaxEpisodes={episodes}",
            $"Checkpoints:Directory={folder.Path}",
            .. Enumerable.Range(0, 3).Select(model => $"Models:{model}:Use={TracedTorchLora.Name}")]);
        var services = new HostServices { PluginTypes = [typeof(TracedTorchLora), typeof(CoopCompeteEnvironment), typeof(LocalStorage)] };
        await using var trainer = await MultiModelTrainer.CreateAsync(config, services);
        using var timeline = new EpisodeTimeline();
        var steps = 0L;
        trainer.EpisodeCompleted += report =>
        {
            timeline.EndEpisode();
            steps = report.Progress.EnvironmentSteps;
        };
        var clock = Stopwatch.StartNew();
        await trainer.TrainAsync();
        return (steps / clock.Elapsed.TotalSeconds, timeline.PerEpisode());
    }
}
