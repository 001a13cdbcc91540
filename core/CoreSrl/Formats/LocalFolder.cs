using CoreSrl.Abstractions;

namespace CoreSrl.Formats;

/// <summary>A folder on this machine. The files it opens stay open until it is disposed.</summary>
/// <param name="path">The folder; one that is not there has no files.</param>
public sealed class LocalFolder(string path) : IByteFolder, IDisposable
{
    private readonly List<FileSource> _open = [];

    /// <summary>The path.</summary>
    public string Name => path;

    /// <inheritdoc/>
    /// <exception cref="IOException">The file is there and cannot be read.</exception>
    public ValueTask<IByteSource?> FindAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            var source = new FileSource(Path.Combine(path, file));
            lock (_open)
                _open.Add(source);
            return new(source);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new((IByteSource?)null);
        }
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        lock (_open)
        {
            foreach (var source in _open)
                source.Dispose();
            _open.Clear();
        }
    }
}
