using System.Text.Json.Nodes;
using CoreSrl.Cli.Display;
using CoreSrl.Plugins.Inspecting;
using Spectre.Console;

namespace CoreSrl.Cli.Commands.Plugins;

/// <summary>One plugin for people, with its options.</summary>
internal static class PluginDetails
{
    public static void Write(ListedPlugin listed)
    {
        var console = Terminal.Output;
        var plugin = listed.Plugin;
        var facts = new Grid().AddColumns(2);
        Fact("Plugin", $"{plugin.Name}  ({plugin.Contract.Word()})");
        if (plugin.Description.Length > 0)
            Fact("What it does", plugin.Description);
        Fact("Version", $"{plugin.Version}, for API level {(plugin.ApiLevel is { } level ? $"{level}" : "?")}");
        Fact("Assembly", plugin.AssemblyPath);
        if (listed.NotLoaded is { } reason)
            Fact("Not loaded", reason);
        else
            Fact("To use it", PluginsCommand.HowToUse(plugin));
        console.Write(facts);
        if (listed.Options.Count > 0)
            console.Write(OptionTable(listed.Options));
        else if (listed.NotLoaded is null)
            console.WriteLine("It has no options.");

        void Fact(string name, string value) => facts.AddRow(new Text(name), new Text(Terminal.Printable(value)));
    }

    private static Table OptionTable(IReadOnlyList<PluginOption> options)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Option", "Default", "Takes");
        foreach (var option in options)
        {
            var value = option.IsRequired ? "(required)" : Show(option.Default);
            table.AddRow(Cell(option.Name), Cell(value), Cell(option.Limits.Length == 0 ? option.Type : $"{option.Type}, {option.Limits}"));
        }

        return table;

        static Text Cell(string text) => new(Terminal.Printable(text));
    }

    private static string Show(JsonNode? value) => value switch
    {
        null => "(none)",
        JsonValue scalar => scalar.ToString(),
        _ => value.ToJsonString(),
    };
}
