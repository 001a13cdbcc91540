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

    public override async Task StartAsync(MultiModelTrainer trainer)
    {
        await base.StartAsync(trainer);
        _clock.Start();
        _drawing = Terminal.Output.Live(Draw()).AutoClear(false).Overflow(VerticalOverflow.Crop).Cropping(VerticalOverflowCropping.Top).StartAsync(async screen =>
        {
            while (!_stop.IsCancellationRequested)
            {
                await Task.Delay(RedrawEvery, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                screen.UpdateTarget(Draw());
            }

            screen.UpdateTarget(Draw());
        });
    }

    public override async Task StopAsync()
    {
        await _stop.CancelAsync();
        // A terminal that is gone cannot be drawn on; that is no reason to fail.
        await _drawing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
        // Progress stands last: where a screen is too low for everything, its end is what stays in sight.
        var parts = new List<IRenderable> { Models(report), Learning(report), Checkpoint(), Progress(report) };
        parts.AddRange(_notices.Select(notice => new Markup($"[yellow]{Markup.Escape(notice)}[/]")));
        return new(parts);
    }

    private Markup Progress(EpisodeReport? report)
    {
        var width = Math.Clamp(Terminal.Output.Profile.Width - 45, 10, 40);
        var total = Config.Training.MaxEpisodes;
        var episode = report?.Progress.Episode ?? 0;
        var filled = (int)(width * episode / total);
        var left = report is null ? "starting" : $"{Terminal.Duration(Remaining(report.Progress, Learned.Episodes, _clock.Elapsed))} left";
        return new($"Episode [bold]{episode}[/]/{total}  [green]{new string('█', filled)}[/][grey]{new string('░', width - filled)}[/]  {100 * episode / total} %  {left}");
    }

    private Table Models(EpisodeReport? report)
    {
        // What a narrow terminal has no room for is left out, the least telling first.
        var room = Terminal.Output.Profile.Width - Config.Models.Max(model => model.Id.Length);
        var curve = room >= 80 ? 20 : 10;
        var (hasAverage, hasCounts) = (room >= 70, room >= 58);
        var table = new Table().Border(TableBorder.Rounded);
        table.AddColumn(new TableColumn("Model").NoWrap());
        table.AddColumn(new TableColumn("Reward").RightAligned().NoWrap());
        if (hasAverage)
            table.AddColumn(new TableColumn("Mean").RightAligned().NoWrap());
        table.AddColumn(new TableColumn("Trend").Width(curve).NoWrap());
        table.AddColumn(new TableColumn("Cooperation").RightAligned().NoWrap());
        if (hasCounts)
        {
            table.AddColumn(new TableColumn("Won").RightAligned().NoWrap());
            table.AddColumn(new TableColumn("Updates").RightAligned().NoWrap());
        }

        foreach (var id in Config.Models.Select(model => model.Id))
        {
            var state = report?.Models.FirstOrDefault(model => model.ModelId == id);
            List<string> cells = [Markup.Escape(id), state is null ? "–" : $"{state.LastReward:F3}"];
            if (hasAverage)
                cells.Add(state is null ? "–" : $"{state.AverageReward:F3}");
            cells.Add($"[green]{Learned.Sparkline(id, curve)}[/]");
            cells.Add(state?.CooperationScore is { } score ? $"{score:P0}" : "–");
            if (hasCounts)
                cells.AddRange([state is null ? "–" : $"{state.WinCount}", state is null ? "–" : $"{state.UpdateCount}"]);
            table.AddRow([.. cells]);
        }

        return table;
    }

    private static Markup Learning(EpisodeReport? report) =>
        new(report is not null && LearningTerms.Of(report) is { Length: > 0 } terms ? $"[grey]{terms}[/]" : "[grey]Nothing has been learned yet.[/]");

    private Markup Checkpoint() => Volatile.Read(ref _checkpoint) is { } saved
        ? new($"Last checkpoint [bold]{Markup.Escape(saved.Id)}[/] ({Terminal.Bytes(saved.SizeBytes)}) in {Markup.Escape(Location)}")
        : new($"[grey]No checkpoint yet; one every {Config.Checkpoints.SaveInterval} episodes.[/]");
}
