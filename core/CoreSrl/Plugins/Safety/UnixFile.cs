using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace CoreSrl.Plugins.Safety;

/// <summary>Whose a file or folder is and who may write to it, which .NET says by half: it knows no owners.</summary>
/// <param name="User">The owner's number.</param>
/// <param name="Group">The group's number.</param>
/// <param name="Mode">Who may do what.</param>
/// <param name="IsSpecial">Whether it is neither a file nor a folder.</param>
[SupportedOSPlatform("linux")]
[SupportedOSPlatform("macos")]
internal sealed partial record UnixFile(uint User, uint Group, UnixFileMode Mode, bool IsSpecial)
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const int TypeBits = 0xF000, FolderType = 0x4000, FileType = 0x8000; // S_IFMT, S_IFDIR, S_IFREG: inode(7)
    private const uint TypeModeAndOwners = 0x1 | 0x2 | 0x8 | 0x10; // STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID

    /// <summary>The user of this process, by number.</summary>
    public static uint CurrentUser { get; } = GetEffectiveUser();

    /// <summary>Looks at a file or folder; of a link, at what it leads to.</summary>
    /// <exception cref="IOException">There is none, or it cannot be looked at.</exception>
    public static UnixFile At(string path)
    {
        // Larger than either structure. The places of the fields are part of the systems' ABI: statx(2); stat(2) of macOS with
        // 64-bit inodes, which on arm64 is the only one.
        Span<byte> buffer = stackalloc byte[512];
        var failed = OperatingSystem.IsLinux()
            ? StatX(CurrentDirectory, path, 0, TypeModeAndOwners, buffer)
            : RuntimeInformation.ProcessArchitecture == Architecture.X64 ? Stat64(path, buffer) : Stat(path, buffer);
        if (failed != 0)
            throw new IOException($"{path} cannot be looked at: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
        var (user, group, mode) = OperatingSystem.IsLinux() ? (20, 24, 28) : (16, 20, 4);
        var bits = BitConverter.ToUInt16(buffer[mode..]);
        return new(BitConverter.ToUInt32(buffer[user..]), BitConverter.ToUInt32(buffer[group..]), (UnixFileMode)(bits & 0xFFF), (bits & TypeBits) is not (FileType or FolderType));
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int directory, string path, int flags, uint mask, Span<byte> buffer);

    [LibraryImport("libc", EntryPoint = "stat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(string path, Span<byte> buffer);

    [LibraryImport("libc", EntryPoint = "stat$INODE64", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat64(string path, Span<byte> buffer);
}
