using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace CoreSrl.Benchmarks.Harness;

/// <summary>Shows measurements: a table for people, one JSON document for machines.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static void Write(string command, IReadOnlyList<Measurement> measurements, bool json)
    {
        if (json)
            WriteJson(Document(command, measurements));
        else
            WriteTable(measurements);
    }

    public static void WriteJson(JsonObject document) => Console.WriteLine(document.ToJsonString(Indented));

    /// <summary>Shows a table; into a file or a pipe as wide as it may become.</summary>
    public static void Write(Table table)
    {
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = 160;
        AnsiConsole.Write(table);
    }

    /// <summary>Three digits or so.</summary>
    public static string Number(double value) => value.ToString(value switch { < 10 => "F2", < 100 => "F1", _ => "F0" }, CultureInfo.InvariantCulture);

    private static void WriteTable(IReadOnlyList<Measurement> measurements)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Measured", "Median", "Min", "Max", "Unit");
        foreach (var column in table.Columns.Skip(1).Take(3))
            column.RightAligned();
        foreach (var measured in measurements)
            table.AddRow(Markup.Escape(measured.Name), Number(measured.Median), Number(measured.Min), Number(measured.Max), Markup.Escape(measured.Unit));
        Write(table);
        AnsiConsole.MarkupLineInterpolated($"Median of {measurements.Min(measured => measured.Values.Length)} or more runs after a warm-up; {Machine()}.");
    }

    private static JsonObject Document(string command, IReadOnlyList<Measurement> measurements) => new()
    {
        ["command"] = command,
        ["machine"] = Machine(),
        ["measurements"] = ToJson(measurements),
    };

    /// <summary>Every value of every measurement.</summary>
    public static JsonArray ToJson(IEnumerable<Measurement> measurements) => new([.. measurements.Select(measured => (JsonNode)new JsonObject
    {
        ["name"] = measured.Name,
        ["unit"] = measured.Unit,
        ["median"] = measured.Median,
        ["min"] = measured.Min,
        ["max"] = measured.Max,
        ["values"] = new JsonArray([.. measured.Values.Select(value => JsonValue.Create(value))]),
    })]);

    /// <summary>What the numbers were taken on.</summary>
    public static string Machine() =>
        $"{Environment.ProcessorCount} processors, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}";
}
