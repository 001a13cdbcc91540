using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using CoreSrl.Cli.Commands;

namespace CoreSrl.Cli.Display;

/// <summary>What <c>srl --help</c> says: the commands in the order one needs them, each with an example or two, which the commands' own
/// help ends with as well.</summary>
/// <param name="standard">Writes the help of a single command.</param>
internal sealed class HelpText(HelpAction standard) : SynchronousCommandLineAction
{
    private static readonly IReadOnlyList<(string Heading, IReadOnlyList<(string Command, string[] Examples)> Commands)> Groups =
    [
        ("Train", [
            ("train", ["srl train", "srl train run.json --set Training:MaxEpisodes=500"])]),
        ("See what was learned", [
            ("list", ["srl list", "srl list --dir checkpoints/multimodel --json"]),
            ("show", ["srl show ID"]),
            ("compare", ["srl compare", "srl compare ID1 ID2"]),
            ("plot", ["srl plot --out progress.png"])]),
        ("Keep it safe, and the disk free", [
            ("verify", ["srl verify", "srl verify ID"]),
            ("backup", ["srl backup --final --to backup/checkpoints", "srl backup --all --to backup.json"]),
            ("restore", ["srl restore --best --from backup/checkpoints"]),
            ("size", ["srl size"]),
            ("prune", ["srl prune --keep-last 5 --keep-best 1 --dry-run", "srl prune --older-than 30d"])]),
        ("Use it elsewhere", [
            ("export", ["srl export ID --model model_0_qwen3 --format peft --out adapter"]),
            ("serve", ["srl serve latest", "srl serve best --model model_0_qwen3 --port 9000"])]),
        ("Set up", [
            ("plugins", ["srl plugins list", "srl plugins add Acme.Srl.Foo.1.0.0.nupkg --to plugins", "srl plugins verify foo", "srl plugins remove foo", "srl plugins lock run.json"]),
            ("completion", ["source <(srl completion bash)"])]),
    ];

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <summary>Makes a program say this when it is asked for help.</summary>
    public static void Use(RootCommand root)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Aliases.Remove("/?"); // A shell would offer them where a path may stand.
        help.Aliases.Remove("/h");
        help.Action = new HelpText((HelpAction)help.Action!);
    }

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        if (parseResult.CommandResult.Command is RootCommand root)
        {
            Write(root, Console.Out);
            return 0;
        }

        var result = standard.Invoke(parseResult);
        var examples = ExamplesOf(parseResult.CommandResult.Command).ToList();
        if (examples.Count > 0)
            Console.WriteLine($"Examples:{Environment.NewLine}{string.Join(Environment.NewLine, examples.Select(example => $"  {example}"))}");
        return result;
    }

    private static IEnumerable<string> ExamplesOf(Command command)
    {
        var path = CommandPath.Of(command);
        return Groups.SelectMany(group => group.Commands).Where(known => known.Command == path[0]).SelectMany(known => known.Examples)
            .Where(example => $"{example} ".Contains($"srl {string.Join(' ', path)} ", StringComparison.Ordinal) || path.Count == 1);
    }

    private static void Write(RootCommand root, TextWriter writer)
    {
        writer.WriteLine(root.Description);
        writer.WriteLine();
        writer.WriteLine("Usage: srl COMMAND [arguments]      srl COMMAND --help says more about a command");
        var width = root.Subcommands.Max(command => command.Name.Length) + 2;
        var known = Groups.SelectMany(group => group.Commands.Select(entry => entry.Command)).ToHashSet();
        foreach (var (heading, commands) in Groups)
            Group(heading, commands.Select(entry => root.Subcommands.FirstOrDefault(command => command.Name == entry.Command)).OfType<Command>());
        Group("More", root.Subcommands.Where(command => !known.Contains(command.Name)));
        writer.WriteLine();
        writer.WriteLine("Which checkpoints: those of the built-in configuration, of a configuration FILE.json, or of a folder, --dir FOLDER.");
        writer.WriteLine("Everywhere: --json prints one JSON document, --set Section:Key=value changes a setting, --verbose shows where an error arose.");
        writer.WriteLine("Exit codes: 0 done, 1 failed while running, 2 wrong usage or configuration, 3 damaged checkpoint found, 130 interrupted.");

        void Group(string heading, IEnumerable<Command> commands)
        {
            foreach (var (index, command) in commands.Index())
            {
                if (index == 0)
                    writer.WriteLine($"{Environment.NewLine}{heading}:");
                writer.WriteLine($"  {command.Name.PadRight(width)}{command.Description}");
                foreach (var example in ExamplesOf(command))
                    writer.WriteLine($"  {new string(' ', width)}  {example}");
            }
        }
    }
}
