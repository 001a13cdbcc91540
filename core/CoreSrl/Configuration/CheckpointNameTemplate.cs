using System.Globalization;
using System.Text.RegularExpressions;

namespace CoreSrl.Configuration;

/// <summary>Makes checkpoint ids from a template: <c>{run}_ep_{episode}_{timestamp}</c>.</summary>
internal sealed partial class CheckpointNameTemplate(string template)
{
    private static readonly string[] Known = ["run", "episode", "timestamp"];

    /// <summary>What is wrong with a template; null when nothing is.</summary>
    public static string? Check(string template)
    {
        var names = Placeholder().Matches(template).Select(match => match.Groups[1].Value).ToList();
        if (names.Find(name => !Known.Contains(name)) is { } unknown)
            return $"there is no placeholder {{{unknown}}}. {NearestMatch.Suggest(unknown, Known)}";
        if (!names.Contains("episode") || !names.Contains("timestamp"))
            return "must contain {episode} and {timestamp}, or two checkpoints could get one name";
        var literal = Placeholder().Replace(template, "");
        if (literal.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-')) || template[0] is '.' or '-')
            return "a checkpoint's name is a folder's name: use letters, digits, '.', '_' and '-', beginning with a letter, digit, '_' or placeholder";
        return null;
    }

    /// <summary>The id of a checkpoint.</summary>
    public string Format(string run, long episode, DateTimeOffset timestamp, bool final)
    {
        var id = Placeholder().Replace(template, match => match.Groups[1].Value switch
        {
            "run" => run,
            "episode" => episode.ToString(CultureInfo.InvariantCulture),
            _ => timestamp.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        });
        return final ? "final_" + id : id;
    }

    [GeneratedRegex(@"\{([^{}]*)\}")]
    private static partial Regex Placeholder();
}
