using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using CoreSrl.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace CoreSrl.Plugins.LocalStorage;

/// <summary>
/// Keeps each object as a file of its key's name below one folder. A write goes to a temporary file, is flushed, gets its name in
/// one step, and the folder is flushed: after a crash or power cut an object is there as a whole or not at all.
/// </summary>
/// <remarks>
/// <para>Nothing is created before the first write. The storage's own files lie in the root and begin with <c>.srl-</c>:
/// <c>.srl-lock</c>, and <c>.srl-PID-RANDOM.tmp</c> while process PID writes; they are never listed and no key names them.</para>
/// <para>An ETag is the length and the time of writing in steps of 100 ns. Each version of an object is stamped later than the one
/// it replaces, under the root's lock, so another version means another tag without reading any content.</para>
/// <para>As in any folder, <c>a</c> and <c>a/b</c> cannot both be objects, a file system that ignores case ignores it in keys too,
/// and symbolic links below the root are not followed.</para>
/// </remarks>
/// <param name="options">Where the objects lie.</param>
/// <param name="context">Where they lie by default.</param>
[Plugin("local", Description = "Keeps checkpoints in a folder of this machine.")]
public sealed class LocalStorage(LocalStorageOptions options, StorageContext context) : ICheckpointStorage
{
    // How often a long copy looks at its cancellation token.
    private const int PieceLength = 16 << 20;

    private readonly string _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Directory ?? context.Directory));

    /// <inheritdoc/>
    public string Location => _root;

    /// <inheritdoc/>
    public StorageCapabilities Capabilities { get; } = new() { IsLocal = true };

    /// <inheritdoc/>
    public ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken)
    {
        var path = KeyPath.Resolve(_root, key);
        return RunAsync(key, writing: false, () => Task.FromResult(Stat(key, path)), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var path = KeyPath.Resolve(_root, key);
        await RunAsync(
            key, writing: false, () => Task.FromResult(Read(key, path, offset, destination, cancellationToken)), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<ObjectInfo> WriteAsync(
        string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        var path = KeyPath.Resolve(_root, key);
        return RunAsync(key, writing: true, () => WriteFileAsync(key, path, content, condition, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ObjectInfo> ListAsync(
        string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (prefix.Length > 0 && !prefix.EndsWith('/'))
            throw new StorageException(StorageErrorKind.Permanent, prefix, $"The prefix '{prefix}' must be empty or end in '/'.");
        var folder = prefix.Length == 0 ? _root : KeyPath.Resolve(_root, prefix[..^1]);

        // The entries still to visit, the next one on top: folders open when their turn comes, so the walk is lazy.
        var entries = new Stack<(string Key, FileSystemInfo Entry)>();
        entries.Push((prefix, new DirectoryInfo(folder)));
        while (entries.TryPop(out var next))
        {
            if (next.Entry is FileInfo file)
            {
                file.Refresh(); // It may be gone since its folder was read.
                if (Describe(next.Key, file) is { } found)
                    yield return found;
                continue;
            }

            var children = await RunAsync(
                next.Key, writing: false, () => Task.FromResult(Children(next.Key, next.Entry.FullName)), cancellationToken)
                .ConfigureAwait(false);
            foreach (var child in children)
                entries.Push(child);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        var path = KeyPath.Resolve(_root, key);
        await RunAsync(key, writing: true, () => DeleteFileAsync(key, path, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    // File calls block: they run on a pool thread, so that a caller may start several at once.
    private async ValueTask<T> RunAsync<T>(string key, bool writing, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(work, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException and not StorageException or UnauthorizedAccessException)
        {
            throw Failure.Translate(error, _root, key, writing);
        }
    }

    private static bool Read(string key, string path, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var length = RandomAccess.GetLength(file);
        if (offset > length - destination.Length)
            throw BeyondEnd(length);
        for (var filled = 0; filled < destination.Length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var piece = destination.Span.Slice(filled, Math.Min(PieceLength, destination.Length - filled));
            var read = RandomAccess.Read(file, piece, offset + filled);
            if (read == 0)
                throw BeyondEnd(offset + filled);
            filled += read;
        }

        return true;

        StorageException BeyondEnd(long end) => new(
            StorageErrorKind.Permanent, key,
            $"'{key}' ends at byte {end}: {destination.Length} bytes from byte {offset} on reach beyond it ({path}).");
    }

    private async Task<ObjectInfo> WriteFileAsync(
        string key, string path, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        Check(key, path, condition); // Before the work, to spare it; what counts is the check under the lock.
        DurableFolder.Create(_root);
        var unique = $"{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
        var temporary = Path.Combine(_root, $"{KeyPath.ReservedPrefix}{unique}.tmp");
        try
        {
            using var file = File.OpenHandle(
                temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete, FileOptions.None, content.Length);
            Fill(file, content, cancellationToken);
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow); // The system's own stamp can be as coarse as a timer tick.
            DurableFolder.FlushFile(file, temporary);

            var folder = Path.GetDirectoryName(path)!;
            using (await RootLock.AcquireAsync(_root, cancellationToken).ConfigureAwait(false))
            {
                var previous = Check(key, path, condition);
                if (previous is not null)
                    StampAfter(file, temporary, previous.Modified.UtcDateTime);
                DurableFolder.Create(folder);
                if (!condition.MustBeAbsent)
                    Commit.Replace(temporary, path);
                else if (!Commit.TakeFreeName(temporary, path))
                    throw Exists(key);
            }

            DurableFolder.Flush(folder);
            return Describe(key, content.Length, File.GetLastWriteTimeUtc(file));
        }
        finally
        {
            File.Delete(temporary); // No error when the commit has renamed it.
        }
    }

    private static void Fill(SafeFileHandle file, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
    {
        var offset = 0L;
        foreach (var segment in content)
        {
            for (var rest = segment.Span; rest.Length > 0;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var piece = rest[..Math.Min(PieceLength, rest.Length)];
                RandomAccess.Write(file, piece, offset);
                offset += piece.Length;
                rest = rest[piece.Length..];
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    // Two versions can only tie when one was flushed while the other was committed, or the clock went back: a rare second flush.
    private static void StampAfter(SafeFileHandle file, string path, DateTime previous)
    {
        if (File.GetLastWriteTimeUtc(file) > previous)
            return;
        File.SetLastWriteTimeUtc(file, previous.AddTicks(1));
        if (File.GetLastWriteTimeUtc(file) <= previous)
            File.SetLastWriteTimeUtc(file, previous.AddSeconds(2)); // FAT keeps every other second, older file systems whole ones.
        DurableFolder.FlushFile(file, path);
    }

    private async Task<bool> DeleteFileAsync(string key, string path, CancellationToken cancellationToken)
    {
        if (Stat(key, path) is null)
            return false;
        string changed;
        using (await RootLock.AcquireAsync(_root, cancellationToken).ConfigureAwait(false))
        {
            try
            {
                File.Delete(path);
            }
            catch (DirectoryNotFoundException)
            {
                // Another one deleted it first, and its folder with it.
            }

            changed = DurableFolder.RemoveEmpty(Path.GetDirectoryName(path)!, _root);
        }

        DurableFolder.Flush(changed);
        return true;
    }

    /// <summary>The object there now, if the condition allows to write.</summary>
    private static ObjectInfo? Check(string key, string path, WriteCondition condition)
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

    private static StorageException Exists(string key) => new(
        StorageErrorKind.PreconditionFailed, key, $"'{key}' exists already, and was to be written only if absent.");

    private static ObjectInfo? Stat(string key, string path) => Describe(key, new FileInfo(path));

    // Unlike Exists, Attributes tells "not there" (-1) from "not allowed to look" (an exception), at the price of one stat.
    private static ObjectInfo? Describe(string key, FileInfo file) =>
        (int)file.Attributes == -1 || file.Attributes.HasFlag(FileAttributes.Directory)
            ? null
            : Describe(key, file.Length, file.LastWriteTimeUtc);

    private static ObjectInfo Describe(string key, long length, DateTime modified) =>
        new(key, length, $"{length:x}-{modified.Ticks:x}", new DateTimeOffset(modified, TimeSpan.Zero));

    // A folder's entries that keys can name, last one first. A folder sorts as "name/", which is how the keys below it begin.
    private static List<(string Key, FileSystemInfo Entry)> Children(string prefix, string folder)
    {
        List<(string Key, FileSystemInfo Entry)> children = [];
        try
        {
            foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", EverythingHere))
            {
                if (KeyPath.Flaw(entry.Name) is null && entry.LinkTarget is null)
                    children.Add((prefix + entry.Name + (entry is DirectoryInfo ? "/" : ""), entry));
            }
        }
        catch (DirectoryNotFoundException)
        {
            return []; // Not there yet, or deleted meanwhile: no objects.
        }

        children.Sort((left, right) => string.CompareOrdinal(right.Key, left.Key));
        return children;
    }

    private static readonly EnumerationOptions EverythingHere = new()
    {
        AttributesToSkip = 0,
        IgnoreInaccessible = false,
        MatchType = MatchType.Simple,
    };
}
