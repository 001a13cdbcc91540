namespace CoreSrl.Plugins.LocalStorage;

/// <summary>The temporary files that dead processes left.</summary>
/// <remarks>
/// A living writer, here or in any other process, holds its file open for itself alone. So a file that can be opened under the root's
/// lock belongs to nobody, if it is older than the moment between a file's creation and its lock; and if locks do anything here.
/// </remarks>
internal sealed class Leftovers(string root, TimeProvider clock)
{
    // Far longer than that moment takes, and than clocks of machines that share a folder differ.
    private static readonly TimeSpan LeastAge = TimeSpan.FromMinutes(1);

    private long _due;

    /// <summary>
    /// Removes them: at the first call and, as long as any are left, at the next one a minute later, for a process that is started
    /// again right after its death finds its own too young. What cannot be removed stays: it costs space and nothing else.
    /// </summary>
    public void SweepIfDue()
    {
        var now = clock.GetUtcNow().UtcDateTime;
        if (now.Ticks < Interlocked.Read(ref _due))
            return;
        Interlocked.Exchange(ref _due, (now + LeastAge).Ticks);
        try
        {
            var files = Directory.GetFiles(root, TemporaryFile.NamePattern);
            if (files.Length == 0)
                Interlocked.Exchange(ref _due, long.MaxValue);
            else
                Sweep([.. files.Where(path => now - File.GetLastWriteTimeUtc(path) > LeastAge)]);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Another user's folder, say. The write that follows finds out what it is, if that matters.
        }
    }

    private void Sweep(IReadOnlyList<string> files)
    {
        if (files.Count == 0)
            return;
        using var held = RootLock.TryAcquire(root);
        using var heldTwice = RootLock.TryAcquire(root);
        if (held is null || heldTwice is not null)
            return; // Somebody is busy here, or this file system has no locks: then nobody can tell who lives.
        foreach (var path in files)
            Remove(path);
    }

    private static void Remove(string path)
    {
        try
        {
            // Sharing nothing that a writer needs, and yet on Unix only flock(LOCK_SH): the file may be the second name of an object
            // whose writer died between giving it the first and taking this one away, and an object's readers are not to be disturbed.
            using (File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Delete))
                File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Its writer lives, or another one swept it first.
        }
    }
}
