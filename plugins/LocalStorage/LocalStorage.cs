using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using CoreSrl.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace CoreSrl.Plugins.LocalStorage;

/// <summary>
/// Keeps each object as a file of its key's name below one folder. A write goes to a temporary file, is flushed, gets its name in
/// one step, and the folder is flushed: after a crash or power cut an object is there as a whole or not at all.
/// </summary>
/// <remarks>
/// <para>Nothing is created before the first write. The storage's own files lie in the root and begin with <c>.srl-</c>:
/// <c>.srl-lock</c>, and <c>.srl-PID-RANDOM.tmp</c> while process PID writes; they are never listed and no key names them. A write
/// removes those that dead processes left.</para>
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
    private readonly string _root = RootOf(options, context);
    private readonly Leftovers _leftovers = new(RootOf(options, context), TimeProvider.System);

    /// <summary>A storage in a folder, for a program without a configuration.</summary>
    /// <param name="directory">The folder that holds the objects; a relative path counts from the current directory.</param>
    /// <exception cref="ArgumentException">The path is null or empty.</exception>
    public static LocalStorage In(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        return new(new(), new(Path.GetFullPath(directory)));
    }

    /// <inheritdoc/>
    public string Location => _root;

    /// <inheritdoc/>
    public StorageCapabilities Capabilities { get; } = new() { IsLocal = true };

    /// <inheritdoc/>
    public ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken)
    {
        var path = KeyPath.Resolve(_root, key);
        return RunAsync(key, writing: false, () => Task.FromResult(ObjectFile.Stat(key, path)), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var path = KeyPath.Resolve(_root, key);
        await RunAsync(
            key, writing: false, () => Task.FromResult(ObjectFile.Read(key, path, offset, destination, cancellationToken)), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<StoredObject?> ReadAllAsync(string key, CancellationToken cancellationToken)
    {
        var path = KeyPath.Resolve(_root, key);
        return RunAsync(key, writing: false, () => Task.FromResult(ObjectFile.ReadAll(key, path, cancellationToken)), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<ObjectInfo> WriteAsync(
        string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        var path = KeyPath.Resolve(_root, key);
        return RunAsync(
            key,
            writing: true,
            () => WriteFileAsync(
                key, path, content.Length, file => Content.Copy(content, file, cancellationToken), condition, cancellationToken),
            cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<ObjectInfo> WriteFromAsync(
        string key, IByteSource content, WriteCondition condition, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        var path = KeyPath.Resolve(_root, key);
        var source = new GuardedSource(content);
        try
        {
            return await RunAsync(
                key,
                writing: true,
                () => WriteFileAsync(
                    key, path, source.Length, file => Content.CopyAsync(source, file, cancellationToken), condition, cancellationToken),
                cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException error) when (source.Failure is { } failure && error.InnerException == failure)
        {
            ExceptionDispatchInfo.Throw(failure); // The source's own error is not this storage's to translate.
            throw;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ObjectInfo> ListAsync(
        string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // The entries still to visit, the next one on top: folders open when their turn comes, so the walk is lazy.
        var entries = new Stack<(string Key, FileSystemInfo Entry)>();
        entries.Push((prefix, new DirectoryInfo(KeyPath.ResolvePrefix(_root, prefix))));
        while (entries.TryPop(out var next))
        {
            if (next.Entry is FileInfo file)
            {
                file.Refresh(); // It may be gone since its folder was read.
                if (ObjectFile.Describe(next.Key, file) is { } found)
                    yield return found;
                continue;
            }

            var children = await RunAsync(
                next.Key, writing: false, () => Task.FromResult(Listing.Children(next.Key, next.Entry.FullName)), cancellationToken)
                .ConfigureAwait(false);
            foreach (var child in children)
                entries.Push(child);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListFoldersAsync(
        string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var path = KeyPath.ResolvePrefix(_root, prefix);
        var names = await RunAsync(prefix, writing: false, () => Task.FromResult(Listing.Folders(path)), cancellationToken).ConfigureAwait(false);
        foreach (var name in names)
            yield return name;
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        var path = KeyPath.Resolve(_root, key);
        await RunAsync(key, writing: true, () => DeleteFileAsync(key, path, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private static string RootOf(LocalStorageOptions options, StorageContext context) =>
        Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Directory ?? context.Directory));

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

    private async Task<ObjectInfo> WriteFileAsync(
        string key, string path, long length, Func<SafeFileHandle, Task> fill, WriteCondition condition, CancellationToken cancellationToken)
    {
        ObjectFile.Check(key, path, condition); // Before the work, to spare it; what counts is the check under the lock.
        DurableFolder.Create(_root);
        _leftovers.SweepIfDue();
        using var temporary = TemporaryFile.Create(_root, length);
        await fill(temporary.Handle).ConfigureAwait(false);
        temporary.Flush();

        var folder = Path.GetDirectoryName(path)!;
        DateTime modified;
        using (await RootLock.AcquireAsync(_root, cancellationToken).ConfigureAwait(false))
        {
            var previous = ObjectFile.Check(key, path, condition);
            modified = temporary.Close(previous?.Modified.UtcDateTime);
            try
            {
                DurableFolder.Create(folder);
                if (!condition.MustBeAbsent)
                    Commit.Replace(temporary.Path, path);
                else if (!Commit.TakeFreeName(temporary.Path, path))
                    throw ObjectFile.Exists(key);
            }
            catch
            {
                DurableFolder.RemoveEmpty(folder, _root); // One that was made in vain: where files run out, it takes one's place.
                throw;
            }
        }

        DurableFolder.Flush(folder);
        return ObjectFile.Describe(key, length, modified);
    }

    private async Task<bool> DeleteFileAsync(string key, string path, CancellationToken cancellationToken)
    {
        if (ObjectFile.Stat(key, path) is null)
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
}
