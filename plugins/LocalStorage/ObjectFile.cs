using CoreSrl.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace CoreSrl.Plugins.LocalStorage;

/// <summary>A file as an object: the facts about it, and its bytes.</summary>
internal static class ObjectFile
{
    // How often a long read looks at its cancellation token.
    private const int PieceLength = 16 << 20;

    /// <summary>Facts about an object; null when there is none of that key. A folder is none.</summary>
    public static ObjectInfo? Stat(string key, string path) => Describe(key, new FileInfo(path));

    /// <summary>Facts about an object, from its file's.</summary>
    // Unlike Exists, Attributes tells "not there" (-1) from "not allowed to look" (an exception), at the price of one stat.
    public static ObjectInfo? Describe(string key, FileInfo file) =>
        (int)file.Attributes == -1 || file.Attributes.HasFlag(FileAttributes.Directory)
            ? null
            : Describe(key, file.Length, file.LastWriteTimeUtc);

    /// <summary>Facts about an object.</summary>
    public static ObjectInfo Describe(string key, long length, DateTime modified) =>
        new(key, length, $"{length:x}-{modified.Ticks:x}", new DateTimeOffset(modified, TimeSpan.Zero));

    /// <summary>Fills the destination with the bytes from the offset on.</summary>
    /// <exception cref="StorageException">The object ends before the range does.</exception>
    public static bool Read(string key, string path, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        using var file = Open(path);
        var length = RandomAccess.GetLength(file);
        if (offset > length - destination.Length)
            throw BeyondEnd(key, path, length, offset, destination.Length);
        Read(key, path, file, offset, destination.Span, cancellationToken);
        return true;
    }

    /// <summary>Facts and bytes of one version: both come from the same open file, which a writer replaces and never changes.</summary>
    /// <returns>Null when there is no object of that key.</returns>
    public static StoredObject? ReadAll(string key, string path, CancellationToken cancellationToken)
    {
        try
        {
            using var file = Open(path);
            var info = Describe(key, RandomAccess.GetLength(file), File.GetLastWriteTimeUtc(file));
            if (info.Length > Array.MaxLength)
                throw new StorageException(StorageErrorKind.Permanent, key, $"'{key}' has {info.Length} bytes: too many to read as a whole ({path}).");
            var content = GC.AllocateUninitializedArray<byte>((int)info.Length);
            Read(key, path, file, 0, content, cancellationToken);
            return new(info, content);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException) when (Directory.Exists(path))
        {
            return null; // .NET opens no folder as a file.
        }
    }

    /// <summary>The object there now, if the condition allows to write.</summary>
    /// <exception cref="StorageException">It does not, or a folder stands there.</exception>
    public static ObjectInfo? Check(string key, string path, WriteCondition condition)
    {
        var present = Stat(key, path);
        if (present is null && Directory.Exists(path))
        {
            throw new StorageException(
                StorageErrorKind.Permanent, key, $"'{key}' cannot be written: {path} is a folder. Choose another key.");
        }

        if (condition.MustBeAbsent && present is not null)
            throw Exists(key);
        if (condition.ETag is { } expected && present?.ETag != expected)
        {
            var found = present?.ETag ?? "no object";
            throw new StorageException(
                StorageErrorKind.PreconditionFailed, key,
                $"'{key}' has changed: expected version {expected}, found {found}. Read it again before writing it.");
        }

        return present;
    }

    /// <summary>The error of a write that must not replace an object, and would.</summary>
    public static StorageException Exists(string key) => new(
        StorageErrorKind.PreconditionFailed, key, $"'{key}' exists already, and was to be written only if absent.");

    private static SafeFileHandle Open(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    private static void Read(
        string key, string path, SafeFileHandle file, long offset, Span<byte> destination, CancellationToken cancellationToken)
    {
        for (var filled = 0; filled < destination.Length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var piece = destination.Slice(filled, Math.Min(PieceLength, destination.Length - filled));
            var read = RandomAccess.Read(file, piece, offset + filled);
            if (read == 0)
                throw BeyondEnd(key, path, offset + filled, offset, destination.Length);
            filled += read;
        }
    }

    private static StorageException BeyondEnd(string key, string path, long end, long offset, int count) => new(
        StorageErrorKind.Permanent, key, $"'{key}' ends at byte {end}: {count} bytes from byte {offset} on reach beyond it ({path}).");
}
