using System.Text.RegularExpressions;

namespace CoreSrl.Plugins.TorchLora.Jinja;

/// <summary>
/// Cuts a template into tokens. White space around tags goes as in Jinja with <c>trim_blocks</c> and <c>lstrip_blocks</c>, which is how
/// transformers sets it: the line break behind a block or comment is not written, and neither is what indents one; <c>-</c> takes all
/// white space on its side away, <c>+</c> leaves it.
/// </summary>
internal sealed partial class Lexer
{
    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private int _place;
    private int _line = 1;
    private bool _startsLine = true;

    private Lexer(string source) => _source = source;

    /// <summary>The tokens of a template, the last of which is <see cref="TokenKind.End"/>.</summary>
    /// <exception cref="JinjaException">Something in it is no token.</exception>
    public static IReadOnlyList<Token> Read(string source)
    {
        source = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        // One line break at the end of the file is the file's, not the template's.
        var lexer = new Lexer(source.EndsWith('\n') ? source[..^1] : source);
        lexer.Read();
        return lexer._tokens;
    }

    private void Read()
    {
        for (Match tag; (tag = TagPattern().Match(_source, _place)).Success;)
        {
            AddText(_source[_place..tag.Index], tag);
            Advance(tag.Index + tag.Length);
            switch (tag.Value[1])
            {
                case '#':
                    SkipComment();
                    break;
                case '{':
                    Add(TokenKind.OutputBegin, "{{");
                    ReadInside(TokenKind.OutputEnd, "{{", OutputEndPattern());
                    break;
                default:
                    Add(TokenKind.BlockBegin, "{%");
                    ReadInside(TokenKind.BlockEnd, "{%", BlockEndPattern());
                    break;
            }
        }

        if (_place < _source.Length)
            Add(TokenKind.Text, _source[_place..]);
        Advance(_source.Length);
        Add(TokenKind.End, "");
    }

    private void AddText(string text, Match tag)
    {
        var sign = tag.Value.Length > 2 ? tag.Value[2] : ' ';
        var lineStart = text.LastIndexOf('\n') + 1;
        if (sign == '-')
            text = text.TrimEnd();
        else if (sign != '+' && tag.Value[1] != '{' && (lineStart > 0 || _startsLine) && string.IsNullOrWhiteSpace(text[lineStart..]))
            text = text[..lineStart];
        if (text.Length > 0)
            Add(TokenKind.Text, text);
    }

    private void SkipComment()
    {
        var end = CommentEndPattern().Match(_source, _place);
        if (!end.Success)
            throw new JinjaException(_line, "a comment has no end, '#}'");
        Advance(end.Index + end.Length);
    }

    // Up to the end of a tag, which a bracket that is open does not let be one: {{ {'a': {}} }}.
    private void ReadInside(TokenKind endKind, string begin, Regex endPattern)
    {
        var beginLine = _line;
        for (var open = 0; ;)
        {
            Advance(SpacePattern().Match(_source, _place) is { Length: > 0 } space ? space.Index + space.Length : _place);
            if (_place == _source.Length)
                throw new JinjaException(beginLine, $"'{begin}' has no end");
            if (open == 0 && endPattern.Match(_source, _place) is { Success: true } end)
            {
                Add(endKind, end.Value);
                Advance(end.Index + end.Length);
                return;
            }

            var token = TokenPattern().Match(_source, _place);
            if (!token.Success)
                throw new JinjaException(_line, $"'{_source[_place]}' is not understood");
            var kind = token.Groups["name"].Success ? TokenKind.Name
                : token.Groups["string"].Success ? TokenKind.String
                : token.Groups["float"].Success ? TokenKind.Float
                : token.Groups["integer"].Success ? TokenKind.Integer
                : TokenKind.Sign;
            Add(kind, kind == TokenKind.String ? Unescape(token.Value[1..^1]) : token.Value);
            if (kind == TokenKind.Sign)
                open += token.Value is "(" or "[" or "{" ? 1 : token.Value is ")" or "]" or "}" ? -1 : 0;
            Advance(token.Index + token.Length);
        }
    }

    // As Python writes them; an unknown one stands for itself.
    private string Unescape(string text) => EscapePattern().Replace(text, escape => escape.Value[1] switch
    {
        'n' => "\n",
        't' => "\t",
        'r' => "\r",
        'a' => "\a",
        'b' => "\b",
        'f' => "\f",
        'v' => "\v",
        '\n' => "",
        '\\' or '\'' or '"' => escape.Value[1..],
        'x' or 'u' or 'U' when escape.Length > 2 && Convert.ToInt32(escape.Value[2..], 16) is var code and <= 0x10FFFF =>
            code is >= 0xD800 and < 0xE000 ? ((char)code).ToString() : char.ConvertFromUtf32(code),
        'x' or 'u' or 'U' or 'N' or (>= '0' and <= '7') => throw new JinjaException(_line, $"'{escape.Value}' in a text is not supported"),
        _ => escape.Value,
    });

    private void Add(TokenKind kind, string text) => _tokens.Add(new(kind, text, _line));

    private void Advance(int place)
    {
        if (place == _place)
            return;
        _line += _source.AsSpan(_place, place - _place).Count('\n');
        _startsLine = _source[place - 1] == '\n';
        _place = place;
    }

    [GeneratedRegex(@"\{[{%#][-+]?")]
    private static partial Regex TagPattern();

    [GeneratedRegex(@"\G(-\}\}\s*|\}\})")]
    private static partial Regex OutputEndPattern();

    [GeneratedRegex(@"\G(\+%\}|-%\}\s*|%\}\n?)")]
    private static partial Regex BlockEndPattern();

    [GeneratedRegex(@"\+#\}|-#\}\s*|#\}\n?")]
    private static partial Regex CommentEndPattern();

    [GeneratedRegex(@"\G\s+")]
    private static partial Regex SpacePattern();

    [GeneratedRegex("""
        \G(
          (?<name>[\p{L}_][\p{L}\p{Nd}_]*)
        | (?<string>'[^'\\]*(?:\\.[^'\\]*)*' | "[^"\\]*(?:\\.[^"\\]*)*")
        | (?<float>\d+(?:\.\d+(?:[eE][-+]?\d+)?|[eE][-+]?\d+))
        | (?<integer>\d+)
        | \*\* | // | == | != | >= | <= | [-+/*%~\[\](){}><=.:|,]
        )
        """, RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture)]
    private static partial Regex TokenPattern();

    [GeneratedRegex(@"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex EscapePattern();
}
