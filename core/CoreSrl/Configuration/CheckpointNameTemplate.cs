using System.Globalization;
using System.Text.RegularExpressions;

namespace CoreSrl.Configuration;

/// <summary>
/// Makes checkpoint ids from a template: <c>{run}_ep_{episode:000000}_{timestamp}</c>. A placeholder is a name and perhaps a .NET
/// format; that of a metric is <c>{metric:NAME}</c> or <c>{metric:NAME:FORMAT}</c>.
/// </summary>
internal sealed partial class CheckpointNameTemplate(string template)
{
    /// <summary>What a file system gives a name, less room for what a storage adds while it writes.</summary>
    private const int MaxLength = 200;

    /// <summary>Placeholders that are the same for all checkpoints of a run: <see cref="OfRun"/> fills them in.</summary>
    private static readonly string[] OfARun = ["mode", "models"];

    private static readonly string[] Known = ["run", "episode", "timestamp", "metric:NAME"];

    /// <summary>Names that Windows keeps for devices, whatever follows behind a dot.</summary>
    private static readonly string[] Devices = ["CON", "PRN", "AUX", "NUL", .. Enumerable.Range(0, 10).SelectMany(n => new[] { $"COM{n}", $"LPT{n}" })];

    /// <summary>What is wrong with a template; null when nothing is.</summary>
    /// <param name="template">The template.</param>
    /// <param name="ofTrainer">Whether a trainer saves, which knows the run's mode and models.</param>
    public static string? Check(string template, bool ofTrainer = false)
    {
        string[] known = ofTrainer ? [.. Known, .. OfARun] : Known;
        var names = Placeholder().Matches(template).Select(match => match.Groups["name"].Value).ToList();
        if (names.Find(name => name == "metric" || !known.Contains(name.StartsWith("metric:", StringComparison.Ordinal) ? "metric:NAME" : name)) is { } unknown)
            return $"there is no placeholder {{{unknown}}}. {NearestMatch.Suggest(unknown, known)}";
        if (!names.Contains("episode") || !names.Contains("timestamp"))
            return "must contain {episode} and {timestamp}, or two checkpoints could get one name";
        var literal = Placeholder().Replace(template, "");
        if (!literal.All(IsPortable) || template[0] is '.' or '-' || template[^1] == '.')
            return "a checkpoint's name is a folder's name: use letters, digits, '.', '_' and '-', beginning with a letter, digit, '_' or placeholder, and no '.' at the end";
        if (template.StartsWith("final_", StringComparison.OrdinalIgnoreCase))
            return "only the name of a final checkpoint begins with 'final_', which is put before the others";
        if (template.StartsWith("{metric:", StringComparison.Ordinal))
            return "cannot begin with a metric, which may be negative: a name that begins with '-' looks like an option";
        return CheckFormats(template) ?? CheckLength(template) ?? CheckApart(template);
    }

    /// <summary>What is wrong with a template, whatever is right with it otherwise, when a run has that name; null when nothing is.</summary>
    public static string? CheckRun(string template, string run) =>
        Check(template.Replace("{run}", run, StringComparison.Ordinal), ofTrainer: true) is { } problem ? $"'{run}' does not go with the names '{template}' of its checkpoints: {problem}" : null;

    /// <summary>The template with what is the same for all checkpoints of a run filled in.</summary>
    public static string OfRun(string template, TrainingMode mode, int models) => Placeholder().Replace(template, match => match.Groups["name"].Value switch
    {
        "mode" => mode.ToString().ToLowerInvariant(),
        "models" => models.ToString(FormatOf(match, ""), CultureInfo.InvariantCulture),
        _ => match.Value,
    });

    /// <summary>The id of a checkpoint.</summary>
    /// <param name="run">The run's name.</param>
    /// <param name="episode">The episodes completed.</param>
    /// <param name="timestamp">When it is taken.</param>
    /// <param name="final">Whether it is the last of its run.</param>
    /// <param name="metrics">Its metrics; one that is missing is called <c>none</c> in the name.</param>
    public string Format(string run, long episode, DateTimeOffset timestamp, bool final, IReadOnlyDictionary<string, double>? metrics = null)
    {
        var id = Placeholder().Replace(template, match => match.Groups["name"].Value switch
        {
            "run" => run,
            "episode" => episode.ToString(FormatOf(match, ""), CultureInfo.InvariantCulture),
            "timestamp" => Timestamp(match, timestamp),
            var metric => Metric(match, metrics is not null && metrics.TryGetValue(metric["metric:".Length..], out var value) ? value : null),
        });
        return final ? "final_" + id : id;
    }

    /// <summary>Every format must be one, give what a folder can be called, and tell apart what is not the same.</summary>
    private static string? CheckFormats(string template)
    {
        var began = DateTimeOffset.FromUnixTimeSeconds(1_764_000_000);
        DateTimeOffset[] times = [began, .. new[] { 1, 60, 3600, 43_200, 86_400, 7 * 86_400, 31 * 86_400, 366 * 86_400 }.Select(seconds => began.AddSeconds(seconds))];
        long[] episodes = [0, 1, 2, 10, 11, 1234, 12_345_678, 12_345_679, 1_000_000_000_000];
        foreach (Match match in Placeholder().Matches(template))
        {
            var (text, name) = (match.Value, match.Groups["name"].Value);
            if (ManyDigits().IsMatch(match.Groups["format"].Value))
                return $"{text} asks for more digits than a name has room for";
            try
            {
                List<string> values = name switch
                {
                    "episode" => [.. episodes.Select(episode => episode.ToString(FormatOf(match, ""), CultureInfo.InvariantCulture))],
                    "timestamp" => [.. times.Select(time => Timestamp(match, time))],
                    "models" => [3.ToString(FormatOf(match, ""), CultureInfo.InvariantCulture)],
                    "run" or "mode" => match.Groups["format"].Success ? throw new FormatException() : [],
                    _ => [.. new[] { 0, 0.5, -1234.56789 }.Select(value => value.ToString(FormatOf(match, "0.####"), CultureInfo.InvariantCulture))],
                };
                if (values.Find(value => value.Length == 0 || !value.All(IsPortable)) is { } bad)
                    return $"{text} would give '{bad}', which cannot be part of a folder's name everywhere: use letters, digits, '.', '_' and '-'";
                if (name is "episode" or "timestamp" && values.Distinct(StringComparer.OrdinalIgnoreCase).Count() < values.Count)
                    return $"{text} gives one name to two checkpoints: {(name == "episode" ? "every digit of the episode must stand in it" : "it must tell apart years, days and seconds, as {timestamp:yyyyMMdd-HHmmss} does")}";
            }
            catch (FormatException)
            {
                return $"{text} has no format that .NET knows for it";
            }
        }

        return null;
    }

    private static string? CheckLength(string template)
    {
        var id = OfAnyRun(template).Format(new('r', 64), 1_000_000_000_000, DateTimeOffset.UnixEpoch, final: true, Metrics(template, -1234.56789));
        if (id.Length > MaxLength)
            return $"makes names of {id.Length} characters; {MaxLength} are allowed";
        var first = id["final_".Length..].Split('.')[0];
        return Devices.Contains(first, StringComparer.OrdinalIgnoreCase) ? $"begins with '{first}.', which is the name of a device on Windows" : null;
    }

    /// <summary>Values of changing length that touch can look like others: 1 and 11 like 11 and 1.</summary>
    private static string? CheckApart(string template)
    {
        int[] values = [1, 11];
        var times = from month in values
                    from day in values
                    from hour in values
                    from minute in values
                    from second in values
                    select new DateTimeOffset(2025, month, day, hour, minute, second, TimeSpan.Zero);
        var named = OfAnyRun(template);
        var moments = from episode in values
                      from time in times
                      from metric in values
                      select (Id: named.Format("run", episode, time, final: false, Metrics(template, metric)), Moment: (episode, time));
        return moments.GroupBy(entry => entry.Id, entry => entry.Moment, StringComparer.OrdinalIgnoreCase).Any(id => id.Distinct().Count() > 1)
            ? "could give one name to two checkpoints: put a '_' between values whose length changes, or give them a format of fixed length, as {episode:000000} or {timestamp:yyyyMMdd-HHmmss}"
            : null;
    }

    private static CheckpointNameTemplate OfAnyRun(string template) => new(OfRun(template, TrainingMode.Hierarchical, 1000));

    /// <summary>Every metric of a template with that value.</summary>
    private static Dictionary<string, double> Metrics(string template, double value) =>
        Placeholder().Matches(template).Select(match => match.Groups["name"].Value).Where(name => name.StartsWith("metric:", StringComparison.Ordinal))
            .Distinct().ToDictionary(name => name["metric:".Length..], _ => value);

    private static string Timestamp(Match match, DateTimeOffset timestamp) => match.Groups["format"].Success
        ? timestamp.UtcDateTime.ToString(match.Groups["format"].Value, CultureInfo.InvariantCulture)
        : timestamp.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>A save must not fail for its name: whatever a value looks like, it becomes something that a folder can be called.</summary>
    private static string Metric(Match match, double? value) => value is { } number
        ? string.Concat(number.ToString(FormatOf(match, "0.####"), CultureInfo.InvariantCulture).Take(32).Select(c => IsPortable(c) ? c : '_'))
        : "none";

    private static string FormatOf(Match match, string otherwise) => match.Groups["format"].Success ? match.Groups["format"].Value : otherwise;

    /// <summary>Whether every file system takes it in a name, and a shell leaves it alone.</summary>
    public static bool IsPortable(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-';

    /// <summary>A standard format of a number with a hundred digits or more, up to a billion, which .NET would write out at every save.</summary>
    [GeneratedRegex("^[A-Za-z][0-9]{3,}$")]
    private static partial Regex ManyDigits();

    /// <summary>A metric's name belongs to the placeholder's.</summary>
    [GeneratedRegex(@"\{(?<name>metric:[^{}:]+|[^{}:]*)(:(?<format>[^{}]*))?\}")]
    private static partial Regex Placeholder();
}
