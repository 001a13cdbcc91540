using System.Diagnostics;
using CoreSrl.Abstractions;
using CoreSrl.Configuration;
using CoreSrl.Training;

namespace CoreSrl.Cli.Display;

/// <summary>Plain lines, for a pipe or a log file: about twenty over a run, and one per checkpoint.</summary>
internal sealed class PlainDisplay(MultiModelConfig config) : TrainingDisplay(config)
{
    private readonly Stopwatch _clock = new();

    public override Task StartAsync(MultiModelTrainer trainer)
    {
        _clock.Start();
        return base.StartAsync(trainer);
    }

    public override void ShowEpisode(EpisodeReport report)
    {
        if (Learned.Episodes == 0)
            Terminal.Say(Console.Out, $"Training {Config.Models.Count} models in {Config.Environment.Use} for {Config.Training.MaxEpisodes} episodes; checkpoints in {Location}");
        base.ShowEpisode(report);
        var progress = report.Progress;
        var every = Math.Max(1, progress.MaxEpisodes / 20);
        if (progress.Episode % every != 0 && progress.Episode != progress.MaxEpisodes)
            return;
        IEnumerable<string> parts = [.. report.Models.Select(model => $"{model.ModelId} {model.LastReward,6:F3}"), LearningTerms.Of(report)];
        Terminal.Say(Console.Out, $"episode {progress.Episode,6}/{progress.MaxEpisodes}  {string.Join("  ", parts.Where(part => part.Length > 0))}  {Terminal.Duration(Remaining(progress, Learned.Episodes, _clock.Elapsed))} left");
    }

    public override void ShowCheckpoint(SavedCheckpoint checkpoint) =>
        Terminal.Say(Console.Out, $"saved {checkpoint.Id} ({Terminal.Bytes(checkpoint.SizeBytes)})");

    public override void ShowNotice(string notice) => Terminal.Say(Console.Out, notice);
}
