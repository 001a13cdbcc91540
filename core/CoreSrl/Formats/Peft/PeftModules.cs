using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace CoreSrl.Formats.Peft;

/// <summary>What a config says of each module: whether it carries an adapter, and of which rank and alpha.</summary>
internal sealed class PeftModules
{
    private const string AllLinear = "all-linear";

    // A config's patterns come with the file. What a real one has takes milliseconds.
    private const int MaxRegexes = 256;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly string _file;
    private readonly PeftConfig _config;
    private readonly ModulePattern? _target;
    private readonly ImmutableArray<(ModulePattern Pattern, int Value)> _ranks;
    private readonly ImmutableArray<(ModulePattern Pattern, double Value)> _alphas;
    private readonly ImmutableArray<string> _saved;
    private readonly Stopwatch _spent = new();
    private int _regexes;

    /// <summary>Understands the config's patterns.</summary>
    /// <param name="file">The config's name, for messages.</param>
    /// <param name="config">The config.</param>
    /// <exception cref="CheckpointFormatException">A pattern is no regular expression, or there are too many.</exception>
    public PeftModules(string file, PeftConfig config)
    {
        _file = file;
        _config = config;
        _target = config.TargetPattern is null or AllLinear ? null : Understand(config.TargetPattern, ModulePattern.OfWhole);
        _ranks = [.. config.RankPattern.Select(pair => (Understand(pair.Key, ModulePattern.OfEnd), pair.Value))];
        _alphas = [.. config.AlphaPattern.Select(pair => (Understand(pair.Key, ModulePattern.OfEnd), pair.Value))];
        _saved = [.. config.ModulesToSave.Select(module => module + ".")];
    }

    /// <summary>Whether the module carries an adapter; of <c>all-linear</c> only the model could say more than yes.</summary>
    public bool IsTarget(string module) => Timed(() =>
        _config.TargetPattern == AllLinear
        || (_target?.Matches(module) ?? _config.TargetModules.Any(target => EndsIn(module, target))));

    /// <summary>Whether a tensor belongs to a module to save.</summary>
    /// <param name="tensor">Its path in the base model: the module's, and behind a dot what it is called there.</param>
    public bool IsSaved(string tensor) => Timed(() => _saved.Any(
        start => tensor.Contains(start, StringComparison.Ordinal)));

    /// <summary>The rank and alpha of a module that carries an adapter.</summary>
    public LoraModule ModuleOf(string module) => Timed(() =>
    {
        var (rank, alpha) = (FirstMatch(_ranks, module, _config.Rank), FirstMatch(_alphas, module, _config.Alpha));
        return new LoraModule(module, rank, alpha, alpha / (_config.IsRankStabilized ? Math.Sqrt(rank) : rank));
    });

    private static T FirstMatch<T>(ImmutableArray<(ModulePattern Pattern, T Value)> patterns, string module, T otherwise)
    {
        foreach (var (pattern, value) in patterns)
        {
            if (pattern.Matches(module))
                return value;
        }

        return otherwise;
    }

    private static bool EndsIn(string module, string target) =>
        module.EndsWith(target, StringComparison.Ordinal)
        && (module.Length == target.Length || module[module.Length - target.Length - 1] == '.');

    private ModulePattern Understand(string text, Func<string, ModulePattern> parse)
    {
        try
        {
            var pattern = parse(text);
            return !pattern.IsRegex || ++_regexes <= MaxRegexes
                ? pattern
                : throw Refuse($"it has more than {MaxRegexes} patterns that are regular expressions");
        }
        catch (ArgumentException e)
        {
            throw Refuse($"its pattern '{text}' is not understood: {e.Message.TrimEnd('.')}", e);
        }
    }

    private T Timed<T>(Func<T> match)
    {
        _spent.Start();
        try
        {
            return _spent.Elapsed <= Patience ? match() : throw Refuse("matching its patterns takes too long");
        }
        catch (RegexMatchTimeoutException e)
        {
            throw Refuse("matching its patterns takes too long", e);
        }
        finally
        {
            _spent.Stop();
        }
    }

    private CheckpointFormatException Refuse(string problem, Exception? innerException = null) =>
        new(_file, problem, "Name the modules in full instead", innerException);
}
