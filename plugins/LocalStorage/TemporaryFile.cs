using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace CoreSrl.Plugins.LocalStorage;

/// <summary>An object on its way: a file in the root that gets its content first and its name last.</summary>
/// <remarks>As long as it is open nobody else can open it, which is how others know that its writer lives. It is closed under the
/// root's lock, which keeps <see cref="Leftovers"/> away from there on.</remarks>
internal sealed class TemporaryFile : IDisposable
{
    /// <summary>What their names match.</summary>
    public const string NamePattern = KeyPath.ReservedPrefix + "*.tmp";

    private TemporaryFile(string path, long length)
    {
        Path = path;
        // FileShare.None is flock(LOCK_EX) on Unix, even where .NET takes no other lock for writing (NFS, SMB). Space is asked for
        // in advance, so that a full disk is known before the work.
        Handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.None, length);
    }

    public string Path { get; }

    public SafeFileHandle Handle { get; }

    /// <summary>Creates one for content of a length.</summary>
    public static TemporaryFile Create(string root, long length)
    {
        var unique = $"{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
        return new(System.IO.Path.Combine(root, NamePattern.Replace("*", unique, StringComparison.Ordinal)), length);
    }

    /// <summary>Stamps it and waits until it is on the disk.</summary>
    public void Flush()
    {
        File.SetLastWriteTimeUtc(Handle, DateTime.UtcNow); // The system's own stamp can be as coarse as a timer tick.
        DurableFolder.FlushFile(Handle, Path);
    }

    /// <summary>Closes it, stamped later than the version that it will replace, if any.</summary>
    /// <returns>Its stamp.</returns>
    // Two versions can only tie when one was flushed while the other was committed, or the clock went back: a rare second flush.
    public DateTime Close(DateTime? previous)
    {
        if (File.GetLastWriteTimeUtc(Handle) <= previous)
        {
            File.SetLastWriteTimeUtc(Handle, previous.Value.AddTicks(1));
            if (File.GetLastWriteTimeUtc(Handle) <= previous)
                File.SetLastWriteTimeUtc(Handle, previous.Value.AddSeconds(2)); // FAT keeps every other second, older file systems whole ones.
            DurableFolder.FlushFile(Handle, Path);
        }

        var modified = File.GetLastWriteTimeUtc(Handle);
        Handle.Dispose();
        return modified;
    }

    /// <summary>Removes it, unless it has got its name.</summary>
    public void Dispose()
    {
        Handle.Dispose();
        File.Delete(Path); // No error when the commit has renamed it.
    }
}
