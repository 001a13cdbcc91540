using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace CoreSrl.Plugins.LocalStorage;

/// <summary>The three system calls that .NET does not offer as they are: it opens no folder, makes no hard link, and its move falls
/// back to a copy, which is not atomic.</summary>
[UnsupportedOSPlatform("windows")]
internal static partial class Posix
{
    private const int InterruptedByAnotherSignal = 4; // EINTR
    private const int ReadOnly = 0; // O_RDONLY

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

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkFile(string path, string secondName);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameFile(string path, string newName);
}
