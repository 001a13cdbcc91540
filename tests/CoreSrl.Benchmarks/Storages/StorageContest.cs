using System.Text.Json.Nodes;
using CoreSrl.Benchmarks.Checkpoint;
using CoreSrl.Benchmarks.Harness;
using Spectre.Console;

namespace CoreSrl.Benchmarks.Storages;

/// <summary>What several transports took for the same bytes, by turns, beside the same server.</summary>
/// <param name="Command">The command that measured.</param>
/// <param name="Bytes">How many bytes.</param>
/// <param name="Names">The transports, ours first.</param>
/// <param name="Measurements">Milliseconds.</param>
internal sealed record StorageContest(string Command, long Bytes, IReadOnlyList<string> Names, IReadOnlyList<Measurement> Measurements)
{
    /// <summary>Measures; every download is compared with what was sent.</summary>
    public static async Task<StorageContest> MeasureAsync(string command, int bytes, int runs, IReadOnlyList<ITransport> transports, Action<string> progress)
    {
        using var content = new TransportContent(bytes);
        var probes = transports.Select((transport, index) => Probe.Of(Up(transport.Name), Down(transport.Name), async () =>
        {
            content.Clear();
            var up = await transport.UpAsync($"content-{index}", content);
            var down = await transport.DownAsync($"content-{index}", content);
            return content.IsBack ? (up, down) : throw new InvalidOperationException($"What {transport.Name} brought down is not what it brought up.");
        })).ToList();
        return new(command, bytes, [.. transports.Select(transport => transport.Name)], await Interleaved.TakeAsync(probes, runs, progress));
    }

    public void Write(bool json)
    {
        if (json)
            Report.WriteJson(ToJson());
        else
            WriteTables();
    }

    private IReadOnlyList<Goal> Goals =>
    [
        new("up_over_best", $"{Names[0]} / the better of the others, up", OverBest(Up), 1),
        new("down_over_best", $"{Names[0]} / the better of the others, down", OverBest(Down), 1),
    ];

    private static string Up(string name) => $"{name}, up";

    private static string Down(string name) => $"{name}, down";

    private double OverBest(Func<string, string> way) => Names.Skip(1).Min(name => Median(way(name))) / Median(way(Names[0]));

    private double Median(string name) => Measurements.Single(measured => measured.Name == name).Median;

    private JsonObject ToJson()
    {
        var document = new JsonObject { ["command"] = Command, ["machine"] = Report.Machine(), ["bytes"] = Bytes };
        foreach (var goal in Goals)
            document[goal.Field] = goal.Value;
        document["measurements"] = Report.ToJson(Measurements);
        return document;
    }

    private void WriteTables()
    {
        var times = NewTable(ByteSize.Format(Bytes), "ms", "min", "max", "MiB/s");
        foreach (var measured in Measurements)
            times.AddRow(Markup.Escape(measured.Name), Report.Number(measured.Median), Report.Number(measured.Min), Report.Number(measured.Max), Report.Number(Bytes / (double)(1 << 20) / (measured.Median / 1000)));
        Report.Write(times);
        var goals = NewTable("How they compare", "measured", "to reach", "reached");
        foreach (var goal in Goals)
            goals.AddRow(Markup.Escape(goal.Name), Report.Number(goal.Value), $"≥ {goal.Bound}", goal.IsReached ? "yes" : "no");
        Report.Write(goals);
        AnsiConsole.MarkupLineInterpolated($"Medians of {Measurements[0].Values.Length} rounds, taken by turns after a warm-up round, beside one server on this machine; {Report.Machine()}.");
    }

    private static Table NewTable(string first, params string[] others)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn(Markup.Escape(first)).Width(50));
        foreach (var other in others)
            table.AddColumn(new TableColumn(other).RightAligned());
        return table;
    }
}
