using System.CommandLine;
using System.Diagnostics;
using CoreSrl.Abstractions;
using CoreSrl.Benchmarks.Checkpoint;
using CoreSrl.Benchmarks.Harness;
using CoreSrl.Checkpoints;
using CoreSrl.Plugins.LocalStorage;
using Spectre.Console;

namespace CoreSrl.Benchmarks.Storages;

/// <summary><c>tiers</c>: when a save is safe from a crash, and when from the loss of the machine, with and without a fast tier before S3.</summary>
internal static class TiersCommand
{
    private const string Alone = "s3 alone: durable";
    private const string Committed = "two tiers: committed on the local disk";
    private const string Durable = "two tiers: durable in s3, too";

    public static Command Create()
    {
        var command = new Command("tiers", "What a save takes in two tiers, a local disk before S3, beside S3 alone.");
        var runs = new Option<int>("--runs") { Description = "How many rounds count, after one that warms up.", DefaultValueFactory = _ => 5 };
        command.Options.Add(runs);
        command.SetAction(async parsed =>
        {
            await using var server = await ServerProcess.StartAsync("s3");
            await MeasureAsync(server.Address, Math.Max(1, parsed.GetValue(runs)));
        });
        return command;
    }

    private static async Task MeasureAsync(string endpoint, int runs)
    {
        using var folder = new TemporaryFolder();
        using var alone = S3Command.Open(endpoint, "alone");
        using var behind = S3Command.Open(endpoint, "behind");
        using var work = Workload.Large(256 << 20);
        var options = new CheckpointManagerOptions { RunName = "tiers", MaxCheckpoints = 1, SaveInterval = 0 };
        await using var one = await CheckpointManager.OpenAsync(alone, options);
        await using var two = await CheckpointManager.OpenAsync(behind, options with { FastTier = new(LocalStorage.In(folder.Path)) { Keep = 1 } });
        var step = 0;
        var measured = await Interleaved.TakeAsync(
            [
                Probe.Of(Alone, async () => (await SaveAsync(one, ++step, work.State)).Saved),
                Probe.Of(Committed, Durable, () => SaveAsync(two, ++step, work.State)),
            ],
            runs,
            StorageCommand.Tell);
        var table = new Table().Border(TableBorder.Simple).AddColumn(work.Name);
        foreach (var column in (string[])["ms", "min", "max"])
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (var row in measured)
            table.AddRow(Markup.Escape(row.Name), Report.Number(row.Median), Report.Number(row.Min), Report.Number(row.Max));
        Report.Write(table);
        var medians = measured.ToDictionary(row => row.Name, row => row.Median);
        AnsiConsole.MarkupLineInterpolated($"A save is safe from a crash after {medians[Committed] / medians[Alone]:F2} x the time that S3 alone takes, and durable after {medians[Durable] / medians[Alone]:F2} x. Medians of {runs} rounds by turns; {Report.Machine()}.");
    }

    private static async Task<(TimeSpan Saved, TimeSpan Durable)> SaveAsync(CheckpointManager manager, int step, IStateful state)
    {
        var clock = Stopwatch.StartNew();
        await await manager.SaveAsync(step, null, state);
        var saved = clock.Elapsed;
        await manager.FlushAsync();
        return (saved, clock.Elapsed);
    }
}
