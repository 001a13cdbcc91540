using System.Text.RegularExpressions;

namespace CoreSrl.Formats.Peft;

/// <summary>
/// A regular expression for the end of a module's path, as PEFT has them: it matches the whole path, or what follows one of its dots
/// (<c>get_pattern_key</c> in peft/utils/other.py). Most are plain paths, which need no engine.
/// </summary>
internal sealed class ModulePattern
{
    /// <summary>How long one match may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Regex? _regex;
    private readonly string _plain = "";
    private readonly bool _isWhole;

    private ModulePattern(Regex regex) => _regex = regex;

    private ModulePattern(string plain, bool isWhole) => (_plain, _isWhole) = (plain, isWhole);

    /// <summary>Whether matching it takes a regular expression engine.</summary>
    public bool IsRegex => _regex is not null;

    /// <summary>A pattern for a path's end.</summary>
    /// <exception cref="ArgumentException">It is no regular expression that .NET knows.</exception>
    public static ModulePattern OfEnd(string text) =>
        PlainOf(text.StartsWith('^') ? text[1..] : text) is { } plain
            ? new(plain, text.StartsWith('^'))
            : new(Compile(text, $@"\A(?:.*\.)?(?:{text})$"));

    /// <summary>A pattern for a whole path.</summary>
    /// <exception cref="ArgumentException">It is no regular expression that .NET knows.</exception>
    public static ModulePattern OfWhole(string text) => new(Compile(text, $@"\A(?:{text})\z"));

    /// <summary>Whether the module's path matches.</summary>
    /// <exception cref="RegexMatchTimeoutException">Finding out takes too long.</exception>
    public bool Matches(string module)
    {
        if (_regex is not null)
            return _regex.IsMatch(module);
        var start = module.Length - _plain.Length;
        return start >= 0 && (start == 0 || (!_isWhole && module[start - 1] == '.')) && MatchesPlain(module.AsSpan(start));
    }

    private bool MatchesPlain(ReadOnlySpan<char> end)
    {
        for (var i = 0; i < end.Length; i++)
        {
            if (_plain[i] != end[i] && _plain[i] != Any)
                return false;
        }

        return true;
    }

    // A dot that is not escaped stands for any character.
    private const char Any = '\0';

    /// <summary>The text without its escaped dots, if it is a path and nothing more.</summary>
    private static string? PlainOf(string text)
    {
        var plain = text.Replace(@"\.", "/", StringComparison.Ordinal).Replace('.', Any).Replace('/', '.');
        return text.Length > 0 && !text.AsSpan().ContainsAny('/', Any) && plain.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or Any)
            ? plain
            : null;
    }

    private static Regex Compile(string text, string anchored)
    {
        const int longest = 10_000;
        if (text.Length > longest)
            throw new ArgumentException($"It has {text.Length} characters; no more than {longest} are read.", nameof(text));
        // By itself, too: an unbalanced bracket must not reach for the anchors.
        _ = new Regex(text, RegexOptions.CultureInvariant, Patience);
        return new Regex(anchored, RegexOptions.CultureInvariant, Patience);
    }
}
