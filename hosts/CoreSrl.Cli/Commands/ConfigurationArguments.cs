using System.CommandLine;
using CoreSrl.Checkpoints;
using CoreSrl.Cli.Display;
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
    private readonly Option<string?> _dir = new("--dir") { Description = "The checkpoint directory, or a URL NAME://… of the storage plugin NAME; wins over the configuration's." };
    private readonly bool _positional;

    /// <summary>Adds the arguments to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="positional">Whether the configuration can be the command's argument; the option --config it always can be.</param>
    /// <param name="withDirectory">Whether the command looks at checkpoints, so that it can be told where they lie.</param>
    public ConfigurationArguments(Command command, bool positional, bool withDirectory = true)
    {
        _positional = positional;
        if (positional)
            command.Arguments.Add(_config);
        command.Options.Add(_configOption);
        command.Options.Add(_set);
        if (withDirectory)
            command.Options.Add(_dir);
    }

    /// <summary>Reads the configuration that was named.</summary>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public MultiModelConfig Load(ParseResult parsed, params IReadOnlyList<string> more)
    {
        string[] settings = [.. parsed.GetValue(_set) ?? [], .. more];
        var config = PathOf(parsed) is { } path ? MultiModelConfig.Load(path, settings) : MultiModelConfig.Default(settings);
        return parsed.GetValue(_dir) switch
        {
            null => config,
            "" => throw new ConfigurationException("--dir: a value is required, a folder or a URL."),
            var directory => config.At(directory),
        };
    }

    /// <summary>The same for a command that only asks which plugins there are: of a file, no more than the section <c>Plugins</c> counts.</summary>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public MultiModelConfig LoadPlugins(ParseResult parsed) =>
        PathOf(parsed) is { } path ? MultiModelConfig.LoadPlugins(path, parsed.GetValue(_set) ?? []) : Load(parsed);

    /// <summary>What was typed, without the directory, to be given to this program again.</summary>
    public IReadOnlyList<string> AsTyped(ParseResult parsed)
    {
        var path = (_positional ? parsed.GetValue(_config) : null) ?? parsed.GetValue(_configOption);
        return [.. path is null ? [] : new[] { "--config", path }, .. (parsed.GetValue(_set) ?? []).SelectMany(setting => new[] { "--set", setting })];
    }

    /// <summary>What was typed to name a place that is no folder, to be typed again.</summary>
    public string PlaceAsTyped(ParseResult parsed) =>
        parsed.GetValue(_dir) is { } directory ? $"--dir {Terminal.Quote(directory)}"
        : (parsed.GetValue(_configOption) ?? (_positional ? parsed.GetValue(_config) : null)) is { } path ? $"--config {Terminal.Quote(path)}"
        : "";

    /// <summary>Whether a configuration was named, rather than the built-in one meant.</summary>
    public bool IsNamed(ParseResult parsed) => PathOf(parsed) is not null;

    /// <summary>The settings that were typed.</summary>
    public IReadOnlyList<string> SettingsOf(ParseResult parsed) => parsed.GetValue(_set) ?? [];

    /// <summary>The same for a command that only looks: the directory that --dir names must be there.</summary>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public MultiModelConfig LoadExisting(ParseResult parsed)
    {
        if (parsed.GetValue(_dir) is { } directory && !IsUrl(directory) && !Directory.Exists(directory))
            throw new ConfigurationException($"--dir {directory}: there is no such directory.");
        return Load(parsed);
    }

    /// <summary>Opens the directory that was named, to look at it.</summary>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public Task<CheckpointDirectory> OpenAsync(ParseResult parsed, CancellationToken cancellationToken) =>
        ProgressBar.WaitAsync("Reading the checkpoint directory", CheckpointDirectory.OpenAsync(LoadExisting(parsed), cancellationToken: cancellationToken));

    private string? PathOf(ParseResult parsed) => (_positional ? parsed.GetValue(_config) : null, parsed.GetValue(_configOption)) switch
    {
        (_, "") => throw new ConfigurationException("--config: a value is required, a JSON file."),
        ("", _) => throw new ConfigurationException("config: a value is required, a JSON file."),
        ({ } argument, { } path) => throw new ConfigurationException($"--config {path} and the configuration '{argument}' do not go together: name one."),
        (var argument, var path) => path ?? argument,
    };

    private static bool IsUrl(string directory) => directory.IndexOf("://", StringComparison.Ordinal) > 0;
}
