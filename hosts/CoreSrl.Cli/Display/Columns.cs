using System.Text;

namespace CoreSrl.Cli.Display;

/// <summary>Rows of text lined up under headings, for lists that may be ten thousand rows long: a table that measures and styles each
/// cell takes longer to lay out than the checkpoints take to read.</summary>
/// <param name="headings">Each column's heading; one that begins with <c>&gt;</c> has its cells on the right.</param>
internal sealed class Columns(params IReadOnlyList<string> headings)
{
    private const string Gap = "   ";

    private readonly List<IReadOnlyList<string>> _rows = [];

    /// <summary>Adds a row, a cell for each column.</summary>
    public void Add(params IReadOnlyList<string> cells) => _rows.Add(cells);

    /// <summary>Writes headings, a rule and the rows.</summary>
    public void Write(TextWriter writer)
    {
        var titles = headings.Select(heading => heading.TrimStart('>')).ToList();
        var widths = titles.Select((title, column) => Math.Max(title.Length, _rows.Count == 0 ? 0 : _rows.Max(row => row[column].Length))).ToList();
        var text = new StringBuilder();
        AppendRow(text, titles, widths);
        text.Append('─', widths.Sum() + (Gap.Length * (widths.Count - 1))).AppendLine();
        foreach (var row in _rows)
            AppendRow(text, row, widths);
        writer.Write(text);
    }

    private void AppendRow(StringBuilder text, IReadOnlyList<string> cells, List<int> widths)
    {
        var start = text.Length;
        for (var column = 0; column < widths.Count; column++)
        {
            if (column > 0)
                text.Append(Gap);
            var padding = widths[column] - cells[column].Length;
            var isRight = headings[column].StartsWith('>');
            text.Append(' ', isRight ? padding : 0).Append(cells[column]).Append(' ', isRight ? 0 : padding);
        }

        while (text.Length > start && text[^1] == ' ')
            text.Length--;
        text.AppendLine();
    }
}
