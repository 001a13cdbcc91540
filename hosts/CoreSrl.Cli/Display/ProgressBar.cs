using CoreSrl.Checkpoints;
using Spectre.Console;

namespace CoreSrl.Cli.Display;

/// <summary>A bar on standard error while bytes are copied; nothing where nobody looks at a screen.</summary>
internal static class ProgressBar
{
    /// <summary>Does the work and shows how far it is.</summary>
    /// <param name="what">What is being done, in a word or two.</param>
    /// <param name="work">The work; it gets null where nothing is shown.</param>
    public static async Task<T> ShowAsync<T>(string what, Func<IProgress<CopyProgress>?, Task<T>> work)
    {
        if (Console.IsErrorRedirected)
            return await work(null);
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn { Base = FileSizeBase.Binary }, new RemainingTimeColumn())
            .StartAsync(screen => work(new Bar(screen.AddTask(what))));
    }

    private sealed class Bar(ProgressTask task) : IProgress<CopyProgress>
    {
        public void Report(CopyProgress value)
        {
            task.MaxValue = value.TotalBytes;
            task.Value = value.Bytes;
        }
    }
}
