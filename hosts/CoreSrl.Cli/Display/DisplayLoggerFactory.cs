using Microsoft.Extensions.Logging;

namespace CoreSrl.Cli.Display;

/// <summary>Shows what is logged as a warning or worse among the notices.</summary>
internal sealed class DisplayLoggerFactory(TrainingDisplay display) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new DisplayLogger(display);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    private sealed class DisplayLogger(TrainingDisplay display) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        // An error ends the command and is told there.
        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                display.ShowNotice(formatter(state, exception));
        }
    }
}
