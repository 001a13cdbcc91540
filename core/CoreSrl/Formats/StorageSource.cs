using CoreSrl.Abstractions;

namespace CoreSrl.Formats;

/// <summary>An object in a checkpoint storage, read range by range.</summary>
/// <param name="storage">The storage.</param>
/// <param name="stored">The object, as the storage describes it.</param>
public sealed class StorageSource(ICheckpointStorage storage, ObjectInfo stored) : IByteSource
{
    /// <summary>The storage's location and the object's key.</summary>
    public string Name => $"{storage.Location}/{stored.Key}";

    /// <inheritdoc/>
    public long Length => stored.Length;

    /// <inheritdoc/>
    public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        destination.IsEmpty ? ValueTask.CompletedTask : storage.ReadAsync(stored.Key, offset, destination, cancellationToken);
}
