using CoreSrl.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace CoreSrl.Formats;

/// <summary>A file on this machine, opened for reading.</summary>
public sealed class FileSource : IByteSource, IDisposable
{
    private readonly SafeFileHandle _handle;

    /// <summary>Opens a file.</summary>
    /// <exception cref="IOException">It is not there or cannot be read.</exception>
    public FileSource(string path)
    {
        _handle = File.OpenHandle(path, options: FileOptions.Asynchronous | FileOptions.RandomAccess);
        Name = path;
        Length = RandomAccess.GetLength(_handle);
    }

    /// <summary>The path.</summary>
    public string Name { get; }

    /// <summary>The file's size when it was opened, in bytes.</summary>
    public long Length { get; }

    /// <inheritdoc/>
    /// <exception cref="EndOfStreamException">The file has become shorter.</exception>
    public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        while (!destination.IsEmpty)
        {
            var read = await RandomAccess.ReadAsync(_handle, destination, offset, cancellationToken).ConfigureAwait(false);
            if (read == 0)
                throw new EndOfStreamException($"{Name} has become shorter than {Length} bytes while it was read.");
            offset += read;
            destination = destination[read..];
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _handle.Dispose();
}
