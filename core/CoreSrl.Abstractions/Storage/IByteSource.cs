namespace CoreSrl.Abstractions;

/// <summary>A run of bytes that can be read anywhere: a file, an object in a storage, memory, tensors on a device.</summary>
/// <remarks>Its content must not change while it is read. Several reads may be under way at once.</remarks>
public interface IByteSource
{
    /// <summary>What to call it in messages: a path or a key.</summary>
    string Name { get; }

    /// <summary>Its size in bytes.</summary>
    long Length { get; }

    /// <summary>
    /// Fills <paramref name="destination"/> with the bytes from <paramref name="offset"/> on. Nobody asks beyond
    /// <see cref="Length"/>; what goes wrong here (an IOException, a StorageException) passes through the callers unchanged.
    /// </summary>
    ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken);
}
