using CoreSrl.Abstractions;

namespace CoreSrl.Formats;

/// <summary>A tensor whose elements, row-major and little-endian, are fetched when they are read; wherever they lie.</summary>
public sealed class TensorSource : IByteSource
{
    private readonly Func<long, Memory<byte>, CancellationToken, ValueTask> _read;

    /// <summary>Pairs a description with what fetches the elements.</summary>
    /// <param name="info">Name, element type and shape.</param>
    /// <param name="read">Fills the memory with the tensor's bytes from an offset on; never asked beyond the tensor. Several calls
    /// may be under way at once.</param>
    public TensorSource(TensorInfo info, Func<long, Memory<byte>, CancellationToken, ValueTask> read)
    {
        ArgumentNullException.ThrowIfNull(info);
        ArgumentNullException.ThrowIfNull(read);
        Info = info;
        _read = read;
    }

    /// <summary>Name, element type and shape.</summary>
    public TensorInfo Info { get; }

    /// <summary>The tensor's name.</summary>
    public string Name => Info.Name;

    /// <summary>The size of all elements, in bytes.</summary>
    public long Length => Info.ByteLength;

    /// <summary>A live tensor. It must not change while it is read; reads complete at once.</summary>
    public static TensorSource Of(StateTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return new(tensor.Info, (offset, destination, _) =>
        {
            tensor.CopyTo(offset, destination.Span);
            return ValueTask.CompletedTask;
        });
    }

    /// <summary>A tensor of a file; a view is put in order, as <see cref="TensorFile.ReadAsync"/> does.</summary>
    public static TensorSource Of(TensorFile file, StoredTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(tensor);
        return new(tensor.Info, (offset, destination, cancellationToken) => file.ReadAsync(tensor, offset, destination, cancellationToken));
    }

    /// <summary>Every tensor of a file, in its order.</summary>
    public static IEnumerable<TensorSource> AllOf(TensorFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return file.Tensors.Select(tensor => Of(file, tensor));
    }

    /// <summary>A tensor that lies in memory.</summary>
    public static TensorSource Of(TensorBytes tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return new(tensor.Info, new SequenceSource(tensor.Info.Name, tensor.Content).ReadAsync);
    }

    /// <inheritdoc/>
    public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        destination.IsEmpty ? ValueTask.CompletedTask : _read(offset, destination, cancellationToken);
}
