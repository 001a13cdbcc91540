using CoreSrl.Checkpoints;
using Spectre.Console;

namespace CoreSrl.Cli.Display;

/// <summary>What a person sees, on standard error, of work that takes longer than a second; nothing where nobody looks at a screen.</summary>
internal static class ProgressBar
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Does the work and shows how far it is.</summary>
    /// <param name="what">What is being done, in a word or two.</param>
    /// <param name="work">The work; it gets null where nothing is shown.</param>
    public static async Task<T> ShowAsync<T>(string what, Func<IProgress<CheckpointProgress>?, Task<T>> work)
    {
        if (Console.IsErrorRedirected)
            return await work(null);
        var bar = new Bar();
        var working = work(bar);
        if (await Task.WhenAny(working, Task.Delay(Patience)) != working)
        {
            await ErrorConsole().Progress().AutoClear(true)
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn { Base = FileSizeBase.Binary }, new RemainingTimeColumn())
                .StartAsync(screen =>
                {
                    bar.Appear(screen.AddTask(what));
                    return Task.WhenAny(working);
                });
        }

        return await working;
    }

    /// <summary>Waits for work of which nobody knows how far it is.</summary>
    /// <param name="what">What is being done, in a few words.</param>
    /// <param name="work">The work, which has begun.</param>
    public static async Task<T> WaitAsync<T>(string what, Task<T> work)
    {
        if (!Console.IsErrorRedirected && await Task.WhenAny(work, Task.Delay(Patience)) != work)
            await ErrorConsole().Status().StartAsync($"{Markup.Escape(what)} …", _ => Task.WhenAny(work));
        return await work;
    }

    private static IAnsiConsole ErrorConsole() => AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) });

    private sealed class Bar : IProgress<CheckpointProgress>
    {
        private readonly Lock _gate = new();
        private ProgressTask? _task;
        private CheckpointProgress? _last;

        public void Appear(ProgressTask task)
        {
            lock (_gate)
            {
                _task = task;
                Show();
            }
        }

        public void Report(CheckpointProgress value)
        {
            lock (_gate)
            {
                _last = value;
                Show();
            }
        }

        private void Show()
        {
            if (_task is null || _last is null)
                return;
            _task.MaxValue = _last.TotalBytes;
            _task.Value = _last.Bytes;
        }
    }
}
