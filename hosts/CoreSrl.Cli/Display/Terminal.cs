using System.Globalization;
using Spectre.Console;

namespace CoreSrl.Cli.Display;

/// <summary>Standard output, as a person or a pipe sees it.</summary>
internal static class Terminal
{
    /// <summary>The console; a pipe has no width, so nothing is wrapped or cut there.</summary>
    public static IAnsiConsole Output { get; } = Create();

    /// <summary>Whether a person looks at a screen that can be redrawn.</summary>
    public static bool IsInteractive => !Console.IsOutputRedirected && Output.Profile.Capabilities is { Ansi: true, Interactive: true };

    /// <summary>Writes a line if there is still somebody to read it: a full disk or a closed terminal must not end a run.</summary>
    public static void Say(TextWriter writer, string line)
    {
        try
        {
            writer.WriteLine(line);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // Nobody is.
        }
    }

    /// <summary>A word as a shell takes it.</summary>
    public static string Quote(string word) => word.AsSpan().IndexOfAny(" ?&*") < 0 ? word : $"\"{word}\"";

    /// <summary>A text as it may be shown: what would move the cursor, colour the screen or turn the line around stands as <c>\u001b</c>.</summary>
    public static string Printable(string text) => text.All(IsPrintable) ? text : string.Concat(text.Select(c => IsPrintable(c) ? $"{c}" : $"\\u{(int)c:x4}"));

    /// <summary>A size for people: <c>1.5 MiB</c>.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1L << 10 => $"{bytes} B",
        < 1L << 20 => $"{bytes / 1024.0:F1} KiB",
        < 1L << 30 => $"{bytes / (double)(1L << 20):F1} MiB",
        _ => $"{bytes / (double)(1L << 30):F1} GiB",
    };

    /// <summary>A time span for people: <c>1 min 05 s</c>.</summary>
    public static string Duration(TimeSpan time) => time.TotalSeconds switch
    {
        < 60 => $"{time.TotalSeconds:F0} s",
        < 3600 => $"{(int)time.TotalMinutes} min {time.Seconds:00} s",
        _ => $"{(int)time.TotalHours} h {time.Minutes:00} min",
    };

    private static bool IsPrintable(char c) => char.GetUnicodeCategory(c) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static IAnsiConsole Create()
    {
        var console = AnsiConsole.Console;
        if (Console.IsOutputRedirected)
            console.Profile.Width = 500;
        return console;
    }
}
