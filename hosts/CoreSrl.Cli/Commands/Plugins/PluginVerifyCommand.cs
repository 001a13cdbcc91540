using System.CommandLine;
using System.Globalization;
using CoreSrl.Cli.Verification;
using CoreSrl.Configuration;
using CoreSrl.Plugins;
using CoreSrl.Plugins.Inspecting;

namespace CoreSrl.Cli.Commands.Plugins;

/// <summary><c>srl plugins verify</c>: holds plugins to the rules of their contracts, in a process that they may ruin.</summary>
internal static class PluginVerifyCommand
{
    public static Command Create()
    {
        var command = new Command("verify", "Load plugins in a process of their own, and check all that their contracts promise.");
        var name = new Argument<string?>("name") { HelpName = "name", Description = "Which plugin; without one, all that do not belong to the program.", Arity = ArgumentArity.ZeroOrOne };
        var limit = new Option<int>("--limit") { Description = "How many seconds a rule may take.", HelpName = "seconds", DefaultValueFactory = _ => 120 };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        command.Arguments.Add(name);
        command.Options.Add(limit);
        var configuration = new ConfigurationArguments(command, positional: false, withDirectory: false);
        name.CompleteFrom(configuration, _ => true);
        command.Options.Add(json);
        command.SetAction(async parsed =>
        {
            using var interruption = new Interruption();
            if (parsed.GetValue(limit) is < 1 or > 86_400)
                throw new ConfigurationException($"--limit {parsed.GetValue(limit)}: 1 to 86400 seconds.");
            var config = configuration.Load(parsed);
            var catalog = PluginCatalog.Discover(config);
            var plugins = parsed.GetValue(name) is { } one ? catalog.Named(one) : [.. catalog.Plugins.Where(plugin => !plugin.BelongsToProgram)];
            if (plugins.Count == 0)
                throw new ConfigurationException("There is no plugin but the program's own. Name one of those, or the directory of others: --set Plugins:Directories:0=plugins.");
            var report = new VerifyReport(isShown: !parsed.GetValue(json));
            foreach (var plugin in plugins)
            {
                foreach (var (index, selection) in PluginSpecimens.SelectionsOf(config, plugin).Index())
                {
                    report.Begin(plugin, selection);
                    using var folder = new TemporaryFolder();
                    string[] arguments =
                    [
                        "plugins", PluginVerifyingCommand.Name, plugin.Contract.Word(), plugin.Name, "--selection", index.ToString(CultureInfo.InvariantCulture),
                        "--limit", parsed.GetValue(limit).ToString(CultureInfo.InvariantCulture), "--directory", folder.Path, .. configuration.AsTyped(parsed),
                    ];
                    report.End(catalog.RefusalOf(plugin) is { } refusal
                        ? new([], refusal)
                        : await new PluginVerification(arguments, TimeSpan.FromSeconds(parsed.GetValue(limit)), report.Say).RunAsync(interruption.Token));
                }
            }

            report.Finish();
            return report.IsKept ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }
}
