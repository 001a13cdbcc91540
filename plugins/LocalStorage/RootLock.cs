using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace CoreSrl.Plugins.LocalStorage;

/// <summary>
/// One lock per root, between threads and processes, held for the moment in which names change: so a condition still holds when
/// the write that it allows is done, and no folder is removed as empty while a file moves in. Data is written outside it.
/// </summary>
/// <remarks>On a network file system without locks .NET goes on without one; <see cref="Commit.TakeFreeName"/> stays exclusive
/// even there, a write "only if unchanged" does not.</remarks>
internal static class RootLock
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    /// <summary>Waits for the lock; disposing the handle, or the end of the process, releases it.</summary>
    /// <exception cref="IOException">Somebody held it for half a minute.</exception>
    public static async Task<SafeFileHandle> AcquireAsync(string root, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return Open(root);
            }
            catch (IOException error) when (Failure.MeansInUse(error) && Stopwatch.GetElapsedTime(start) < Patience)
            {
                await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Takes the lock if it is free; null when it is not.</summary>
    public static SafeFileHandle? TryAcquire(string root)
    {
        try
        {
            return Open(root);
        }
        catch (IOException error) when (Failure.MeansInUse(error))
        {
            return null;
        }
    }

    // FileShare.None is flock(LOCK_EX) on Unix: the system drops it with the process. The file itself stays, since removing it
    // would let a third process lock a file that a second one still waits for.
    private static SafeFileHandle Open(string root) =>
        File.OpenHandle(Path.Combine(root, KeyPath.ReservedPrefix + "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
}
