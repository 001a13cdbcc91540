using System.CommandLine;
using System.Diagnostics;
using CoreSrl.Cli.Isolation;
using CoreSrl.Cli.Verification;
using CoreSrl.Configuration;
using CoreSrl.Plugins;
using CoreSrl.Plugins.Inspecting;
using CoreSrl.Testing;

namespace CoreSrl.Cli.Commands.Plugins;

/// <summary>What <c>srl plugins verify</c> starts: checks one plugin in this process, and tells through a pipe how far it is.</summary>
internal static class PluginVerifyingCommand
{
    public const string Name = "verify-here";

    public static Command Create()
    {
        var command = new Command(Name, "Check one plugin in this process, for 'srl plugins verify'.") { Hidden = true };
        var contract = new Argument<PluginContract>("contract");
        var name = new Argument<string>("name");
        var selection = new Option<int>("--selection");
        var pipe = new Option<string>(ParentProcess.PipeOption) { Required = true };
        var limit = new Option<int>("--limit");
        var directory = new Option<string>("--directory") { Required = true };
        var rules = new Option<string[]>("--rule");
        command.Arguments.Add(contract);
        command.Arguments.Add(name);
        foreach (var option in (Option[])[selection, pipe, limit, directory, rules])
            command.Options.Add(option);
        var configuration = new ConfigurationArguments(command, positional: false, withDirectory: false);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = parsed.GetValue(directory)!;
            await using var parent = new ParentProcess(parsed.GetValue(pipe)!, () => TemporaryFolder.Delete(folder));
            try
            {
                var config = configuration.Load(parsed);
                var chosen = Choose(config, parsed.GetValue(contract), parsed.GetValue(name)!, parsed.GetValue(selection));
                var patience = TimeSpan.FromSeconds(parsed.GetValue(limit));
                var kit = VerifiedPlugin.Kit(new PluginHost(config, new()), parsed.GetValue(contract), chosen, config.Training.Threads, patience, folder);
                var wanted = parsed.GetValue(rules) is { Length: > 0 } some ? kit.AllRules.Where(rule => some.Contains(rule.Name)).ToList() : kit.AllRules;
                await CheckAsync(kit, wanted, patience, message => parent.Tell(message.ToLine()), cancellationToken);
            }
            catch (ConfigurationException e)
            {
                parent.Tell(new VerifyMessage(VerifyMessageKind.Failed, Text: string.Join(' ', e.Problems)).ToLine());
            }

            // What a plugin left running must not keep the process.
            Environment.Exit(ExitCode.Done);
        });
        return command;
    }

    private static PluginSelection Choose(MultiModelConfig config, PluginContract contract, string name, int index) =>
        PluginSpecimens.SelectionsOf(config, new() { Name = name, Contract = contract, TypeName = "", AssemblyPath = "" })[index];

    private static async Task CheckAsync(Conformance kit, IReadOnlyList<ConformanceRule> rules, TimeSpan patience, Action<VerifyMessage> tell, CancellationToken cancellationToken)
    {
        foreach (var rule in rules)
            tell(new(VerifyMessageKind.Rule, rule.Name, rule.Promise));
        foreach (var rule in rules)
        {
            tell(new(VerifyMessageKind.Begin, rule.Name));
            string? problem = null;
            var began = Stopwatch.GetTimestamp();
            try
            {
                await kit.CheckAsync(rule.Name, cancellationToken);
            }
            catch (ConformanceException e)
            {
                problem = e.Message;
            }

            var isStuck = problem is not null && Stopwatch.GetElapsedTime(began) >= patience;
            tell(new(isStuck ? VerifyMessageKind.Stuck : VerifyMessageKind.End, rule.Name, problem));
            if (isStuck)
                return;
        }

        tell(new(VerifyMessageKind.Done));
    }
}
