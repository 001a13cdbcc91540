using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Tests.Fakes;

/// <summary>Loggers that remember what they are told.</summary>
internal sealed class RecordingLoggers : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Message, Exception? Exception)> _entries = [];

    /// <summary>All that was logged, in order.</summary>
    public IReadOnlyList<(LogLevel Level, string Message, Exception? Exception)> Entries => [.. _entries];

    /// <summary>Told of each message when it has been remembered.</summary>
    public Action<string> Told { get; set; } = _ => { };

    public IReadOnlyList<string> Messages(LogLevel level) => [.. _entries.Where(entry => entry.Level == level).Select(entry => entry.Message)];

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var message = formatter(state, exception);
        _entries.Enqueue((logLevel, message, exception));
        Told(message);
    }

    public void Dispose()
    {
    }
}
