using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace CoreSrl.Killing;

/// <summary>The end of this process by SIGKILL: no handler runs, nothing is flushed.</summary>
internal static class Death
{
    private static readonly Process Self = Process.GetCurrentProcess();

    /// <summary>Dies.</summary>
    [DoesNotReturn]
    public static void Now()
    {
        Self.Kill();
        while (true)
            Thread.Sleep(Timeout.Infinite);
    }

    /// <summary>Dies after a time, by another thread's hand, which is ready when this returns.</summary>
    public static void After(TimeSpan time) => Watch(clock => clock.Elapsed >= time);

    /// <summary>Dies as soon as a file gets its name, is replaced or loses its name.</summary>
    public static void WhenFileChanges(string path)
    {
        var before = File.GetLastWriteTimeUtc(path); // 1601 when there is none.
        Watch(_ => File.GetLastWriteTimeUtc(path) != before);
    }

    /// <summary>Dies as soon as a folder comes or goes.</summary>
    public static void WhenFolderChanges(string path)
    {
        var before = Directory.Exists(path);
        Watch(_ => Directory.Exists(path) != before);
    }

    private static void Watch(Func<Stopwatch, bool> isTime)
    {
        using var ready = new ManualResetEventSlim();
        new Thread(() =>
        {
            var clock = Stopwatch.StartNew();
            isTime(clock); // Compiled before it counts.
            ready.Set();
            while (!isTime(clock))
                Thread.SpinWait(1);
            Now();
        })
        { IsBackground = true }.Start();
        ready.Wait();
    }
}
