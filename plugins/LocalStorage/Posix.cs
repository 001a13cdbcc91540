using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace CoreSrl.Plugins.LocalStorage;

/// <summary>The system calls that .NET does not offer as they are: it opens no folder, makes no hard link, its move falls back to a
/// copy, which is not atomic, and its flush says nothing when the disk fails (RandomAccess.FlushToDisk ignores fsync's error).</summary>
[UnsupportedOSPlatform("windows")]
internal static partial class Posix
{
    private const int InterruptedByAnotherSignal = 4; // EINTR
    private const int ReadOnly = 0; // O_RDONLY
    private const int FullFlush = 51; // F_FULLFSYNC: on macOS fsync leaves the data in the drive's own cache
    private const uint StartWrite = 2; // SYNC_FILE_RANGE_WRITE

    // What a file system that keeps nothing on a disk answers: EINVAL, and ENOTSUP of Linux and of macOS.
    private static readonly int[] NothingToFlush = [22, 95, 45];

    /// <summary>Opens a folder, to flush it.</summary>
    /// <exception cref="IOException">With the error number as its HResult.</exception>
    public static SafeFileHandle OpenFolder(string path) =>
        new((nint)Repeat(() => Open(path, ReadOnly), path), ownsHandle: true);

    /// <summary>Gives a file a second name, which must be free: of several callers, in whatever process, one succeeds.</summary>
    /// <exception cref="IOException">With the error number as its HResult.</exception>
    public static void Link(string path, string secondName) => Repeat(() => LinkFile(path, secondName), secondName);

    /// <summary>Renames a file, replacing the one of that name, if any, in one step.</summary>
    /// <exception cref="IOException">With the error number as its HResult.</exception>
    public static void Rename(string path, string newName) => Repeat(() => RenameFile(path, newName), newName);

    /// <summary>Waits until a file's or a folder's content is on the disk.</summary>
    /// <exception cref="IOException">With the error number as its HResult.</exception>
    public static void Flush(SafeFileHandle file, string path)
    {
        try
        {
            Repeat(() => OperatingSystem.IsMacOS() ? Control(file, FullFlush) : FlushFile(file), path);
        }
        catch (IOException error) when (NothingToFlush.Contains(error.HResult))
        {
            // There is no disk behind it.
        }
    }

    /// <summary>Has the disk begin to write a range of a file, and does not wait for it. Advice: what it fails at, a flush reports.</summary>
    [SupportedOSPlatform("linux")]
    public static void BeginWriteback(SafeFileHandle file, long offset, long length) =>
        _ = SyncFileRange(file, offset, length, StartWrite);

    private static int Repeat(Func<int> call, string path)
    {
        while (true)
        {
            var result = call();
            if (result >= 0)
                return result;
            var error = Marshal.GetLastPInvokeError();
            if (error != InterruptedByAnotherSignal)
                throw new IOException($"{Marshal.GetPInvokeErrorMessage(error)} : '{path}'", error);
        }
    }

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FlushFile(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long length, uint flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, int command);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkFile(string path, string secondName);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameFile(string path, string newName);
}
