using System.Globalization;
using System.Text;

namespace CoreSrl.Plugins.TorchLora.Jinja;

/// <summary>Writes values as Python's <c>json.dumps</c> does, with transformers' settings: characters as they are, nothing escaped for HTML.</summary>
internal sealed class JsonText
{
    private readonly StringBuilder _text = new();
    private readonly Work _work;
    private readonly string? _indent;
    private readonly string _comma;
    private readonly string _colon;
    private readonly bool _isAscii;

    private JsonText(Work work, string? indent, string? comma, string? colon, bool isAscii)
    {
        _work = work;
        _indent = indent;
        _comma = comma ?? (indent is null ? ", " : ",");
        _colon = colon ?? ": ";
        _isAscii = isAscii;
    }

    /// <summary>The filter <c>tojson</c>.</summary>
    public static string Write(object? value, Arguments arguments)
    {
        var bound = arguments.Bind("ensure_ascii", "indent", "separators");
        var (indent, separators) = (bound[1], bound[2]);
        if (separators is not (null or Undefined or IReadOnlyList<object?> { Count: 2 }))
            throw new ValueException("separators must be two texts");
        var pair = separators as IReadOnlyList<object?>;
        const int widest = 64;
        var json = new JsonText(
            arguments.Work,
            indent is string text ? text : Arguments.Integer(indent) is { } width ? new string(' ', (int)Math.Clamp(width, 0, widest)) : null,
            pair is null ? null : Arguments.RequiredText(pair[0]),
            pair is null ? null : Arguments.RequiredText(pair[1]),
            Values.IsTrue(bound[0]));
        json.Write(value, 0);
        return json._text.ToString();
    }

    private void Write(object? value, int depth)
    {
        Values.EnsureShallow();
        _work.Spend();
        switch (value)
        {
            case null:
                _text.Append("null");
                break;
            case bool truth:
                _text.Append(truth ? "true" : "false");
                break;
            case string text:
                WriteText(text);
                break;
            case double number when !double.IsFinite(number):
                _text.Append(double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
                break;
            case long or double:
                _text.Append(Values.TextOf(value));
                break;
            case IReadOnlyList<object?> list:
                WriteAll(list, '[', ']', depth, item => Write(item, depth + 1));
                break;
            case Map map:
                WriteAll([.. map], '{', '}', depth, entry =>
                {
                    WriteText(entry.Key);
                    _text.Append(_colon);
                    Write(entry.Value, depth + 1);
                });
                break;
            default:
                throw new ValueException($"{Values.KindOf(value)} cannot be written as JSON");
        }
    }

    private void WriteAll<T>(IReadOnlyList<T> items, char begin, char end, int depth, Action<T> write)
    {
        _text.Append(begin);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
                _text.Append(_comma);
            BreakLine(depth + 1);
            write(items[i]);
        }

        if (items.Count > 0)
            BreakLine(depth);
        _text.Append(end);
    }

    private void BreakLine(int depth)
    {
        if (_indent is null)
            return;
        _work.Spend((long)_indent.Length * depth);
        _text.Append('\n').Insert(_text.Length, _indent, depth);
    }

    private void WriteText(string text)
    {
        _work.Spend(text.Length);
        _text.Append('"');
        foreach (var character in text)
        {
            _ = character switch
            {
                '"' => _text.Append("\\\""),
                '\\' => _text.Append(@"\\"),
                '\n' => _text.Append("\\n"),
                '\r' => _text.Append("\\r"),
                '\t' => _text.Append("\\t"),
                '\b' => _text.Append("\\b"),
                '\f' => _text.Append("\\f"),
                < ' ' => _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                > '\u007f' when _isAscii => _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => _text.Append(character),
            };
        }

        _text.Append('"');
    }
}
