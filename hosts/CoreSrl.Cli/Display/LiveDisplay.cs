using System.Collections.Concurrent;
using System.Diagnostics;
using CoreSrl.Abstractions;
using CoreSrl.Configuration;
using CoreSrl.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace CoreSrl.Cli.Display;

/// <summary>A screen that is redrawn a few times a second, on a thread of its own.</summary>
internal sealed class LiveDisplay(MultiModelConfig config) : TrainingDisplay(config)
{
    private static readonly TimeSpan RedrawEvery = TimeSpan.FromMilliseconds(125);

    private readonly ConcurrentQueue<string> _notices = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Stopwatch _clock = new();
    private Task _drawing = Task.CompletedTask;
    private EpisodeReport? _report;
    private SavedCheckpoint? _checkpoint;

    public override Task StartAsync(MultiModelTrainer trainer)
    {
        _clock.Start();
        _drawing = Terminal.Output.Live(Draw()).AutoClear(false).StartAsync(async screen =>
        {
            while (!_stop.IsCancellationRequested)
            {
                await Task.Delay(RedrawEvery, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                screen.UpdateTarget(Draw());
            }

            screen.UpdateTarget(Draw());
        });
        return Task.CompletedTask;
    }

    public override async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _drawing;
    }

    public override void ShowEpisode(EpisodeReport report)
    {
        base.ShowEpisode(report);
        Volatile.Write(ref _report, report);
    }

    public override void ShowCheckpoint(SavedCheckpoint checkpoint) => Volatile.Write(ref _checkpoint, checkpoint);

    public override void ShowNotice(string notice) => _notices.Enqueue(notice);

    private Rows Draw()
    {
        var report = Volatile.Read(ref _report);
        var parts = new List<IRenderable> { Progress(report), Models(report), Checkpoint() };
        parts.AddRange(_notices.Select(notice => new Markup($"[yellow]{Markup.Escape(notice)}[/]")));
        return new(parts);
    }

    private Markup Progress(EpisodeReport? report)
    {
        const int width = 40;
        var total = Config.Training.MaxEpisodes;
        var episode = report?.Progress.Episode ?? 0;
        var filled = (int)(width * episode / total);
        var left = report is null ? "starting" : $"{Terminal.Duration(Remaining(report.Progress, Learned.Episodes, _clock.Elapsed))} left";
        return new($"Episode [bold]{episode}[/]/{total}  [green]{new string('█', filled)}[/][grey]{new string('░', width - filled)}[/]  {100 * episode / total} %  {left}");
    }

    private Table Models(EpisodeReport? report)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("Model", "Reward now", "Reward so far", "Trend", "Won", "Cooperation", "Updates");
        for (var column = 1; column < table.Columns.Count; column++)
            table.Columns[column].RightAligned();
        table.Columns[3].LeftAligned().Width(20);
        foreach (var id in Config.Models.Select(model => model.Id))
        {
            if (report?.Models.FirstOrDefault(model => model.ModelId == id) is not { } state)
                table.AddRow(Markup.Escape(id), "–", "–", "", "–", "–", "–");
            else
                table.AddRow(
                    Markup.Escape(id), $"{state.LastReward:F3}", $"{state.AverageReward:F3}", $"[green]{Learned.Sparkline(id, 20)}[/]", $"{state.WinCount}",
                    state.CooperationScore is { } score ? $"{score:P0}" : "–", $"{state.UpdateCount}");
        }

        return table;
    }

    private Markup Checkpoint() => Volatile.Read(ref _checkpoint) is { } saved
        ? new($"Last checkpoint [bold]{Markup.Escape(saved.Id)}[/] ({Terminal.Bytes(saved.SizeBytes)}) in {Markup.Escape(Config.Checkpoints.Directory)}")
        : new($"[grey]No checkpoint yet; one every {Config.Checkpoints.SaveInterval} episodes.[/]");
}
