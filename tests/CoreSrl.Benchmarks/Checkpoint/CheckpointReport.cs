using System.Text.Json.Nodes;
using CoreSrl.Benchmarks.Harness;
using Spectre.Console;

namespace CoreSrl.Benchmarks.Checkpoint;

/// <summary>Shows what was measured of checkpoints: tables for people, one JSON document for machines.</summary>
internal sealed record CheckpointReport(WorkloadResult Large, WorkloadResult Small, IReadOnlyList<Measurement> Many)
{
    private const long SpareBytes = 64 << 20;

    public void Write(bool json)
    {
        if (json)
            Report.WriteJson(ToJson());
        else
            WriteTables();
    }

    /// <summary>No goal: reading takes all that the machine's memory can do, and the digest comes on top of it.</summary>
    private double LoadOverParallelRead => Large.Median(WorkloadRun.RawReadParallel) / Large.Median(WorkloadRun.Load);

    private JsonObject ToJson()
    {
        var document = new JsonObject { ["command"] = "checkpoint", ["machine"] = Report.Machine(), ["torch_peer"] = Large.Peer };
        foreach (var goal in Goal.Of(Large))
            document[goal.Field] = goal.Value;
        document["load_over_parallel_raw_read"] = LoadOverParallelRead;
        document["mutated_bytes"] = Large.Bytes;
        document["extra_bytes"] = Large.ExtraBytes;
        document["large"] = ToJson(Large);
        document["small"] = ToJson(Small);
        document["many"] = new JsonObject { ["measurements"] = Report.ToJson(Many) };
        return document;
    }

    private static JsonObject ToJson(WorkloadResult result) => new()
    {
        ["name"] = result.Name,
        ["bytes"] = result.Bytes,
        ["measurements"] = Report.ToJson(result.Measurements),
    };

    private void WriteTables()
    {
        Report.Write(TableOf(Large));
        Report.Write(GoalTable());
        Report.Write(TableOf(Small));
        Report.Write(ManyTable());
        AnsiConsole.MarkupLineInterpolated($"Medians of {Large.Measurements[0].Values.Length} rounds, taken by turns after a warm-up round; {Report.Machine()}.");
        AnsiConsole.MarkupLineInterpolated($"Files are in the page cache when they are read. Module.save and torch.save flush nothing themselves.");
        if (Large.Peer is { } version)
            AnsiConsole.MarkupLineInterpolated($"PyTorch {version} ran in a process of its own, which timed itself.");
    }

    private static Table TableOf(WorkloadResult result)
    {
        var table = NewTable(result.Name, "ms", "min", "max", "GiB/s");
        foreach (var measured in result.Measurements)
        {
            var speed = result.Bytes / (double)(1 << 30) / (measured.Median / 1000);
            table.AddRow(Markup.Escape(measured.Name), Report.Number(measured.Median), Report.Number(measured.Min), Report.Number(measured.Max), Report.Number(speed));
        }

        return table;
    }

    private Table GoalTable()
    {
        var table = NewTable("How they compare", "measured", "to reach", "reached");
        foreach (var goal in Goal.Of(Large))
            table.AddRow(goal.Name, Report.Number(goal.Value), $"{(goal.AtMost ? "≤" : "≥")} {goal.Bound}", goal.IsReached ? "yes" : "no");
        table.AddRow("verified load / raw read, a thread per processor", Report.Number(LoadOverParallelRead), "", "");
        table.AddRow(
            "memory that a save takes beyond the model's own", ByteSize.Format(Large.ExtraBytes), $"≤ {ByteSize.Format(Large.Bytes + SpareBytes)}",
            Large.ExtraBytes <= Large.Bytes + SpareBytes ? "yes" : "no");
        return table;
    }

    private Table ManyTable()
    {
        var table = NewTable("Many checkpoints", "ms", "min", "max");
        foreach (var measured in Many)
            table.AddRow(Markup.Escape(measured.Name), Report.Number(measured.Median), Report.Number(measured.Min), Report.Number(measured.Max));
        var list = Many.Single(measured => measured.Name == ManyCheckpoints.List).Median;
        var start = Many.Single(measured => measured.Name == ManyCheckpoints.Version).Median;
        return table.AddRow("srl list of 10,000, without the process's start", Report.Number(list - start), "", "");
    }

    private static Table NewTable(string first, params string[] others)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn(Markup.Escape(first)).Width(50));
        foreach (var other in others)
            table.AddColumn(new TableColumn(other).RightAligned());
        return table;
    }
}
