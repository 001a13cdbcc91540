using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Tests.Fakes;

/// <summary>Loggers that keep what they are told.</summary>
internal sealed class ListeningLoggers : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<string> _messages = [];
    private readonly SemaphoreSlim _told = new(0);

    /// <summary>What was logged, in order.</summary>
    public IReadOnlyList<string> Messages => [.. _messages];

    /// <summary>Waits until something is logged that contains a text.</summary>
    public async Task<string> HearAsync(string text)
    {
        while (true)
        {
            if (_messages.FirstOrDefault(message => message.Contains(text, StringComparison.Ordinal)) is { } heard)
                return heard;
            Assert.True(await _told.WaitAsync(TimeSpan.FromSeconds(30)), $"'{text}' was not logged, but:\n{string.Join('\n', Messages)}");
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        _messages.Enqueue(formatter(state, exception));
        _told.Release();
    }

    public void Dispose()
    {
        // Messages can still be read.
    }
}
