using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>Cuts a text at its special tokens, and what is between them into words by a model's pattern.</summary>
internal sealed class WordSplitter : PreTokenizer
{
    private readonly Regex _words;
    private readonly Regex? _specials;

    public WordSplitter(Regex words, IEnumerable<string> specials)
    {
        _words = words;
        // Of two that begin alike the longer one counts.
        var names = specials.OrderByDescending(name => name.Length).ThenBy(name => name, StringComparer.Ordinal).Select(Regex.Escape).ToList();
        _specials = names.Count == 0 ? null : new(string.Join('|', names), RegexOptions.CultureInvariant | RegexOptions.Compiled);
    }

    /// <inheritdoc/>
    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text)
    {
        var done = 0;
        foreach (var special in (IEnumerable<Match>?)_specials?.Matches(text) ?? [])
        {
            foreach (var word in Words(text, done, special.Index))
                yield return word;
            yield return (special.Index, special.Length);
            done = special.Index + special.Length;
        }

        foreach (var word in Words(text, done, text.Length))
            yield return word;
    }

    /// <inheritdoc/>
    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text) => PreTokenize(text.ToString());

    private IEnumerable<(int Offset, int Length)> Words(string text, int start, int end)
    {
        // An expression sees half a character where a character takes two chars, and knows no half for a letter: each is shown to it as
        // one char of the same sort.
        var shown = new StringBuilder(end - start);
        var places = new List<int>(end - start + 1);
        for (var place = start; place < end;)
        {
            places.Add(place);
            var isWhole = Rune.TryGetRuneAt(text, place, out var rune);
            shown.Append(isWhole && !rune.IsBmp ? Stand(Rune.GetUnicodeCategory(rune)) : text[place]);
            place += isWhole ? rune.Utf16SequenceLength : 1;
        }

        places.Add(end);
        var done = 0;
        foreach (Match match in _words.Matches(shown.ToString()))
        {
            // What the pattern passes over is a word, too.
            if (match.Index > done)
                yield return Word(done, match.Index);
            if (match.Length > 0)
                yield return Word(match.Index, match.Index + match.Length);
            done = match.Index + match.Length;
        }

        if (done < shown.Length)
            yield return Word(done, shown.Length);

        (int Offset, int Length) Word(int from, int to) => (places[from], places[to] - places[from]);
    }

    private static char Stand(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => '\u00C0',
        UnicodeCategory.LowercaseLetter => '\u00E0',
        UnicodeCategory.ModifierLetter => '\u02B0',
        UnicodeCategory.OtherLetter => '\u05D0',
        UnicodeCategory.NonSpacingMark => '\u0300',
        UnicodeCategory.SpacingCombiningMark => '\u0903',
        UnicodeCategory.DecimalDigitNumber => '\u0660',
        UnicodeCategory.LetterNumber => '\u2160',
        UnicodeCategory.OtherNumber => '\u00B2',
        UnicodeCategory.OtherPunctuation => '\u00A7',
        UnicodeCategory.MathSymbol => '\u00B1',
        _ => '\u00A9', // No pattern tells the other sorts from a symbol: neither space, letter nor number.
    };
}
