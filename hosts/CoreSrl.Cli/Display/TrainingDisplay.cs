using CoreSrl.Abstractions;
using CoreSrl.Configuration;
using CoreSrl.Training;

namespace CoreSrl.Cli.Display;

/// <summary>Shows a run while it goes on. It is told on the training thread and on
/// the thread that saves, so it only takes notes there.</summary>
internal abstract class TrainingDisplay(MultiModelConfig config) : IAsyncDisposable
{
    protected MultiModelConfig Config => config;

    /// <summary>What each model earned, episode by episode, since this process began.</summary>
    public LearningCurve Learned { get; } = new();

    /// <summary>A live screen for a person, plain lines for a pipe, notices alone on standard error for a machine.</summary>
    public static TrainingDisplay Create(MultiModelConfig config, bool json) =>
        json ? new QuietDisplay(config) : Terminal.IsInteractive ? new LiveDisplay(config) : new PlainDisplay(config);

    /// <summary>Where the checkpoints lie, from the start on.</summary>
    protected string Location { get; private set; } = "";

    public virtual Task StartAsync(MultiModelTrainer trainer)
    {
        Location = trainer.CheckpointLocation;
        return Task.CompletedTask;
    }

    public virtual Task StopAsync() => Task.CompletedTask;

    public virtual void ShowEpisode(EpisodeReport report) => Learned.Add(report);

    public virtual void ShowCheckpoint(SavedCheckpoint checkpoint)
    {
    }

    public abstract void ShowNotice(string notice);

    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>How long the rest will take at the pace so far.</summary>
    protected static TimeSpan Remaining(TrainingProgress progress, long episodesHere, TimeSpan timeHere) =>
        episodesHere == 0 ? TimeSpan.Zero : timeHere / episodesHere * (progress.MaxEpisodes - progress.Episode);
}
