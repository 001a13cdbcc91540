using Microsoft.Extensions.Logging;

namespace CoreSrl.ChatModels.Tests.Support;

/// <summary>What was logged, of every level, with all that came along.</summary>
internal sealed class Notes
{
    private readonly List<(LogLevel Level, string Text)> _all = [];

    public IReadOnlyList<(LogLevel Level, string Text)> All
    {
        get
        {
            lock (_all)
                return [.. _all];
        }
    }

    public IReadOnlyList<string> Warnings => [.. All.Where(note => note.Level >= LogLevel.Warning).Select(note => note.Text)];

    public ILogger<T> Logger<T>() => new Of<T>(this);

    private sealed class Of<T>(Notes notes) : ILogger<T>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (notes._all)
                notes._all.Add((logLevel, $"{formatter(state, exception)}{exception}"));
        }
    }
}
