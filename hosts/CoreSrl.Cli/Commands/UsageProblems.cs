using System.CommandLine;
using System.CommandLine.Parsing;
using CoreSrl.Configuration;

namespace CoreSrl.Cli.Commands;

/// <summary>What is wrong with the line that was typed, each problem a sentence; pure.</summary>
internal static class UsageProblems
{
    public static IReadOnlyList<string> Of(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        // A misspelt option is taken for an argument where one is still to come.
        var options = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Select(token => token.Value)
            .Concat(parsed.UnmatchedTokens).Where(token => token.StartsWith("--", StringComparison.Ordinal)).ToList();
        if (options.Count > 0)
            return options.ConvertAll(option => $"'{(command is RootCommand ? command.Name : string.Join(' ', CommandPath.Of(command)))}' has no option '{option}'. {NearestMatch.Suggest(option, OptionsOf(parsed))}");
        var commands = command.Subcommands.Where(known => !known.Hidden).Select(known => known.Name).ToList();
        if (commands.Count > 0 && parsed.UnmatchedTokens is [var first, ..])
            return [$"There is no command '{first}'. {NearestMatch.Suggest(first, commands)}"];
        if (IsCommandMissing(parsed))
            return [$"'{(command is RootCommand ? "srl" : command.Name)}' does nothing by itself: say which of {string.Join(", ", commands)}."];
        return [.. parsed.Errors.Select(error => error.Message)];
    }

    /// <summary>Whether nothing is wrong but that a command was typed that only has others.</summary>
    public static bool IsCommandMissing(ParseResult parsed) =>
        parsed.CommandResult.Command.Subcommands.Any(known => !known.Hidden) && parsed.UnmatchedTokens.Count == 0 && parsed.Errors.Count > 0;

    private static IEnumerable<string> OptionsOf(ParseResult parsed) =>
        parsed.CommandResult.Command.Options.Concat(parsed.RootCommandResult.Command.Options.Where(option => option.Recursive)).Select(option => option.Name);
}
