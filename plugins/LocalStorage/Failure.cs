using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.LocalStorage;

/// <summary>Translates what the file system throws into what the caller can do about it.</summary>
internal static class Failure
{
    /// <summary>The system's number for a file beyond what the file system or a limit allows (EFBIG).</summary>
    public const int FileTooLarge = 27;

    /// <summary>The storage's error for a file system's; an error that nobody can do anything about for now counts as transient.</summary>
    /// <param name="error">An <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.</param>
    /// <param name="root">The storage's folder.</param>
    /// <param name="key">The key concerned.</param>
    /// <param name="writing">Whether the key was to be written: then a missing folder is not a missing object.</param>
    public static StorageException Translate(Exception error, string root, string key, bool writing)
    {
        var (kind, advice) = error switch
        {
            FileNotFoundException or DirectoryNotFoundException when !writing => (StorageErrorKind.NotFound, "there is no such object"),
            FileNotFoundException or DirectoryNotFoundException => (
                StorageErrorKind.Permanent, "its folder cannot be created, or was removed meanwhile; check the storage's Directory"),
            UnauthorizedAccessException => (StorageErrorKind.Permanent, NoPermission),
            PathTooLongException => (StorageErrorKind.Permanent, TooLong),
            { HResult: PlainIOError } => (StorageErrorKind.Permanent, NoSpace),
            _ when OperatingSystem.IsWindows() => ReadWindows(error.HResult),
            _ => ReadPosix(error.HResult),
        };
        return new(kind, key, $"'{key}' in {root}: {advice} ({error.Message})", error);
    }

    /// <summary>Whether the name is taken already.</summary>
    public static bool MeansExists(IOException error) => OperatingSystem.IsWindows()
        ? (error.HResult & 0xFFFF) is 80 or 183 // ERROR_FILE_EXISTS, ERROR_ALREADY_EXISTS
        : error.HResult is 17; // EEXIST

    /// <summary>Whether a system call of <see cref="Posix"/> found nothing of that name.</summary>
    public static bool MeansMissing(IOException error) => error.HResult is 2; // ENOENT

    /// <summary>Whether the file system knows no hard links.</summary>
    public static bool MeansNoLinks(IOException error) =>
        error.HResult is 1 || error.HResult == (OperatingSystem.IsMacOS() ? 45 : 95) // EPERM, ENOTSUP
        || error.HResult == (OperatingSystem.IsMacOS() ? 78 : 38); // ENOSYS

    /// <summary>Whether another process holds the file.</summary>
    public static bool MeansInUse(IOException error) => OperatingSystem.IsWindows()
        ? (error.HResult & 0xFFFF) is 32 or 33 // ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION
        : error.HResult == (OperatingSystem.IsMacOS() ? 35 : 11); // EWOULDBLOCK

    // COR_E_IO: .NET throws it without the system's number when a file's space cannot be allocated on creation.
    private const int PlainIOError = unchecked((int)0x80131620);

    private const string NoPermission = "no permission; run as a user that may, or change the folder's owner or mode";
    private const string NoSpace = "no space is left; free some, or choose another Directory";
    private const string ReadOnlyMedium = "the file system is read-only; choose another Directory";
    private const string TooLong = "the path is too long; choose a shorter Directory or name";
    private const string InTheWay =
        "a file stands where a folder is needed, or a folder where the object belongs; remove it or choose another Directory";
    private const string TryAgain = "the file system could not do it now";

    // Numbers of <errno.h>; those that differ between Linux and macOS carry both.
    private static (StorageErrorKind, string) ReadPosix(int error) => error switch
    {
        1 or 13 => (StorageErrorKind.Permanent, NoPermission), // EPERM, EACCES
        28 or 122 or 69 => (StorageErrorKind.Permanent, NoSpace), // ENOSPC, EDQUOT
        FileTooLarge => (StorageErrorKind.Permanent, "the file would be larger than the file system or a limit (ulimit -f) allows; raise it, or choose another Directory"),
        30 => (StorageErrorKind.Permanent, ReadOnlyMedium), // EROFS
        36 or 63 => (StorageErrorKind.Permanent, TooLong), // ENAMETOOLONG
        17 or 20 or 21 => (StorageErrorKind.Permanent, InTheWay), // EEXIST, ENOTDIR, EISDIR
        18 => (StorageErrorKind.Permanent, "another file system is mounted inside the Directory; use one of them for all of it"), // EXDEV
        22 => (StorageErrorKind.Permanent, "the file system refuses this name or call"), // EINVAL
        _ => (StorageErrorKind.Transient, TryAgain),
    };

    // System error codes of winerror.h, carried in the lower half of an HRESULT.
    private static (StorageErrorKind, string) ReadWindows(int error) => (error & 0xFFFF) switch
    {
        5 => (StorageErrorKind.Permanent, NoPermission), // ERROR_ACCESS_DENIED
        39 or 112 => (StorageErrorKind.Permanent, NoSpace), // ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL
        19 => (StorageErrorKind.Permanent, ReadOnlyMedium), // ERROR_WRITE_PROTECT
        206 => (StorageErrorKind.Permanent, TooLong), // ERROR_FILENAME_EXCED_RANGE
        80 or 183 => (StorageErrorKind.Permanent, InTheWay), // ERROR_FILE_EXISTS, ERROR_ALREADY_EXISTS
        123 => (StorageErrorKind.Permanent, "the file system refuses this name"), // ERROR_INVALID_NAME
        _ => (StorageErrorKind.Transient, TryAgain),
    };
}
