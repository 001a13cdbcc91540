using System.CommandLine;

namespace CoreSrl.Cli.Commands;

/// <summary>A command as it is typed behind <c>srl</c>: <c>plugins list</c>.</summary>
internal static class CommandPath
{
    /// <summary>Its words; none for the program itself.</summary>
    public static IReadOnlyList<string> Of(Command command) =>
        command is RootCommand ? [] : [.. command.Parents.OfType<Command>().Take(1).SelectMany(Of), command.Name];
}
