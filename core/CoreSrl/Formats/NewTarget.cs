using CoreSrl.Abstractions;

namespace CoreSrl.Formats;

/// <summary>
/// A file or folder that is there as a whole or not at all: it is written beside its place under another name, then renamed. Only
/// what is empty is replaced. A process that is killed meanwhile leaves a hidden <c>.NAME.….tmp</c> behind.
/// </summary>
internal sealed class NewTarget
{
    private readonly string _path;
    private readonly string _temporary;
    private readonly bool _flush;

    /// <summary>Makes sure that the place is free.</summary>
    /// <param name="path">Where it is to be; folders above it are made.</param>
    /// <param name="flush">Whether to wait until its bytes are on the disk before it takes its name.</param>
    /// <exception cref="IOException">Something that is not empty is there.</exception>
    public NewTarget(string path, bool flush)
    {
        _path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        _flush = flush;
        var parent = Path.GetDirectoryName(_path) ?? throw Occupied();
        _temporary = Path.Combine(parent, $".{Path.GetFileName(_path)}.{Guid.NewGuid():N}.tmp");
        RequireFree();
    }

    /// <summary>Writes the place as a file.</summary>
    /// <exception cref="IOException">It cannot be written; nothing is left of it.</exception>
    public Task WriteFileAsync(IByteSource content, CancellationToken cancellationToken) => AttemptAsync(async () =>
    {
        await WriteAsync(_temporary, content, cancellationToken).ConfigureAwait(false);
        MakeFree();
        File.Move(_temporary, _path, overwrite: false);
    });

    /// <summary>Writes the place as a folder of these files.</summary>
    /// <exception cref="IOException">It cannot be written; nothing is left of it.</exception>
    public Task WriteFolderAsync(IReadOnlyList<(string File, IByteSource Content)> files, CancellationToken cancellationToken) => AttemptAsync(async () =>
    {
        Create(() => Directory.CreateDirectory(_temporary));
        foreach (var (file, content) in files)
            await WriteAsync(Path.Combine(_temporary, file), content, cancellationToken).ConfigureAwait(false);
        MakeFree();
        Directory.Move(_temporary, _path);
    });

    /// <summary>Writes under the temporary name, and leaves nothing there when that fails.</summary>
    private async Task AttemptAsync(Func<Task> write)
    {
        try
        {
            Create(() => Directory.CreateDirectory(Path.GetDirectoryName(_temporary)!));
            await write().ConfigureAwait(false);
        }
        catch
        {
            if (File.Exists(_temporary))
                File.Delete(_temporary);
            if (Directory.Exists(_temporary))
                Directory.Delete(_temporary, recursive: true);
            throw;
        }
    }

    /// <summary>Creates a file or folder; what the system says when it cannot be done names neither the place nor a remedy.</summary>
    private T Create<T>(Func<T> create)
    {
        try
        {
            return create();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{_path}: nothing can be written there ({e.Message.TrimEnd('.')}). Name another place.", e);
        }
    }

    private async Task WriteAsync(string path, IByteSource content, CancellationToken cancellationToken)
    {
        // Room for the whole file first: a disk that is too small says so before anything is written.
        using var file = Create(() => File.OpenHandle(
            path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.Asynchronous, content.Length));
        var offset = 0L;
        await foreach (var piece in SourcePieces.ReadAsync(content, cancellationToken).ConfigureAwait(false))
        {
            await RandomAccess.WriteAsync(file, piece, offset, cancellationToken).ConfigureAwait(false);
            offset += piece.Length;
        }

        if (_flush)
            RandomAccess.FlushToDisk(file);
    }

    private void MakeFree()
    {
        RequireFree();
        if (Directory.Exists(_path))
            Directory.Delete(_path);
        File.Delete(_path);
    }

    private void RequireFree()
    {
        if ((File.Exists(_path) && new FileInfo(_path).Length > 0)
            || (Directory.Exists(_path) && Directory.EnumerateFileSystemEntries(_path).Any()))
        {
            throw Occupied();
        }
    }

    private IOException Occupied() => new($"{_path}: something is there already. Name another place, or remove it first.");
}
