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
    public async Task WriteFileAsync(IByteSource content, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_temporary)!);
            await WriteAsync(_temporary, content, cancellationToken).ConfigureAwait(false);
            RequireFree();
            if (Directory.Exists(_path))
                Directory.Delete(_path);
            File.Delete(_path);
            File.Move(_temporary, _path, overwrite: false);
        }
        catch
        {
            if (File.Exists(_temporary))
                File.Delete(_temporary);
            throw;
        }
    }

    /// <summary>Writes the place as a folder of these files.</summary>
    public async Task WriteFolderAsync(IReadOnlyList<(string File, IByteSource Content)> files, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_temporary)!);
            Directory.CreateDirectory(_temporary);
            foreach (var (file, content) in files)
                await WriteAsync(Path.Combine(_temporary, file), content, cancellationToken).ConfigureAwait(false);
            RequireFree();
            if (Directory.Exists(_path))
                Directory.Delete(_path);
            File.Delete(_path);
            Directory.Move(_temporary, _path);
        }
        catch
        {
            if (Directory.Exists(_temporary))
                Directory.Delete(_temporary, recursive: true);
            throw;
        }
    }

    private async Task WriteAsync(string path, IByteSource content, CancellationToken cancellationToken)
    {
        // Room for the whole file first: a disk that is too small says so before anything is written.
        using var file = File.OpenHandle(
            path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.Asynchronous, content.Length);
        var offset = 0L;
        await foreach (var piece in SourcePieces.ReadAsync(content, cancellationToken).ConfigureAwait(false))
        {
            await RandomAccess.WriteAsync(file, piece, offset, cancellationToken).ConfigureAwait(false);
            offset += piece.Length;
        }

        if (_flush)
            RandomAccess.FlushToDisk(file);
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
