using System.CommandLine;
using CoreSrl.Configuration;

namespace CoreSrl.Cli.Commands;

/// <summary>How every command is told which configuration to use.</summary>
internal sealed class ConfigurationArguments
{
    private readonly Argument<string?> _config = new("config")
    {
        Description = "A JSON configuration; without one, the built-in configuration.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _configOption = new("--config", "-c") { Description = "A JSON configuration; without one, the built-in configuration." };
    private readonly Option<string[]> _set = new("--set") { Description = "Change a setting: --set Training:MaxEpisodes=100. Can be repeated.", HelpName = "key=value" };
    private readonly Option<string?> _dir = new("--dir") { Description = "The checkpoint directory; wins over Checkpoints:Directory." };
    private readonly bool _positional;

    /// <summary>Adds the arguments to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="positional">Whether the configuration is the command's argument; otherwise it is the option --config.</param>
    public ConfigurationArguments(Command command, bool positional)
    {
        _positional = positional;
        if (positional)
            command.Arguments.Add(_config);
        else
            command.Options.Add(_configOption);
        command.Options.Add(_set);
        command.Options.Add(_dir);
    }

    /// <summary>Reads the configuration that was named.</summary>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public MultiModelConfig Load(ParseResult parsed, params IReadOnlyList<string> more)
    {
        var path = _positional ? parsed.GetValue(_config) : parsed.GetValue(_configOption);
        var settings = new List<string>(parsed.GetValue(_set) ?? []);
        if (parsed.GetValue(_dir) is { } directory)
            settings.Add($"Checkpoints:Directory={directory}");
        settings.AddRange(more);
        return path is null ? MultiModelConfig.Default(settings) : MultiModelConfig.Load(path, settings);
    }

    /// <summary>The same for a command that only looks: the directory that --dir names must be there.</summary>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public MultiModelConfig LoadExisting(ParseResult parsed)
    {
        if (parsed.GetValue(_dir) is { } directory && !Directory.Exists(directory))
            throw new ConfigurationException($"--dir {directory}: there is no such directory.");
        return Load(parsed);
    }
}
