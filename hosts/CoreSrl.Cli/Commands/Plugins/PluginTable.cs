using CoreSrl.Cli.Display;
using CoreSrl.Plugins;
using Spectre.Console;

namespace CoreSrl.Cli.Commands.Plugins;

/// <summary>All plugins for people, by where they lie: a line of facts each, and one that says what it does or why it is not loaded.</summary>
internal static class PluginTable
{
    private const int Indent = 6;

    public static void Write(IReadOnlyList<ListedPlugin> plugins, IReadOnlyList<PluginProblem> problems)
    {
        var names = plugins.Max(listed => Terminal.Printable(listed.Plugin.Name).Length);
        var versions = plugins.Max(listed => $"{listed.Plugin.Version}".Length);
        foreach (var place in plugins.GroupBy(listed => PlaceOf(listed.Plugin)).OrderBy(place => place.Key.Order).ThenBy(place => place.Key.Heading, StringComparer.Ordinal))
        {
            Terminal.Output.WriteLine(Terminal.Printable(place.Key.Heading));
            foreach (var (plugin, _, notLoaded) in place)
            {
                Terminal.Output.WriteLine($"  {Terminal.Printable(plugin.Name).PadRight(names)}  {plugin.Contract.Word(),-11}  {plugin.Version.ToString().PadRight(versions)}  API {(plugin.ApiLevel is { } level ? $"{level}" : "?")}{(notLoaded is null ? "" : "  NOT LOADED")}");
                Under(notLoaded ?? plugin.Description);
            }

            Terminal.Output.WriteLine();
        }

        if (problems.Count > 0)
        {
            Terminal.Output.WriteLine("No plugin was found in");
            foreach (var problem in problems)
            {
                Terminal.Output.WriteLine($"  {Terminal.Printable(problem.Path)}");
                Under(problem.Problem);
            }

            Terminal.Output.WriteLine();
        }

        Terminal.Output.WriteLine("'srl plugins list NAME' shows one with its options.");
    }

    private static (int Order, string Heading) PlaceOf(PluginDescriptor plugin)
    {
        var directory = Path.GetDirectoryName(Path.GetDirectoryName(plugin.AssemblyPath)) ?? "";
        return !plugin.BelongsToProgram ? (2, directory)
            : directory == PluginCatalog.ProgramDirectory ? (1, $"{directory} (the program's own)")
            : (0, "Built in");
    }

    private static void Under(string text)
    {
        if (text.Length > 0)
            Terminal.Output.Write(new Padder(new Text(Terminal.Printable(text)), new Padding(Indent, 0, 0, 0)));
    }
}
