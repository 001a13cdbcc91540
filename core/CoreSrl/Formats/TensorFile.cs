using System.Collections.Immutable;
using CoreSrl.Abstractions;

namespace CoreSrl.Formats;

/// <summary>A file of tensors whose table has been read and checked; the elements are read when asked for.</summary>
/// <remarks>Safe for several threads, as far as its source is.</remarks>
public sealed class TensorFile
{
    private readonly Dictionary<string, StoredTensor> _byName;

    internal TensorFile(IByteSource source, ImmutableArray<StoredTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        Source = source;
        Tensors = tensors;
        Metadata = metadata;
        _byName = tensors.ToDictionary(tensor => tensor.Info.Name, StringComparer.Ordinal);
    }

    /// <summary>Where the bytes come from.</summary>
    public IByteSource Source { get; }

    /// <summary>The tensors in the order of the file's table; their names differ.</summary>
    public ImmutableArray<StoredTensor> Tensors { get; }

    /// <summary>The <c>__metadata__</c> of a safetensors file; empty for every other format.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The tensor of that name.</summary>
    /// <exception cref="CheckpointFormatException">There is none.</exception>
    public StoredTensor this[string name] => Find(name) ?? throw new CheckpointFormatException(
        Source.Name, $"there is no tensor '{name}' among its {Tensors.Length}", "Check that the file belongs to this model");

    /// <summary>The tensor of that name, or null.</summary>
    public StoredTensor? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>
    /// Fills <paramref name="destination"/> with the tensor's elements, row-major and little-endian, from byte
    /// <paramref name="offset"/> of the tensor on. Only a view that is not contiguous costs more memory than the destination: up to
    /// the span it covers in the file.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The range reaches beyond the tensor.</exception>
    /// <exception cref="CheckpointFormatException">A view's elements lie more than 2 GiB apart.</exception>
    public async ValueTask ReadAsync(
        StoredTensor tensor, long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, tensor.Info.ByteLength - destination.Length);
        if (destination.IsEmpty)
            return;
        var read = tensor.IsContiguous
            ? Source.ReadAsync(tensor.Offset + offset, destination, cancellationToken)
            : new StridedWindow(tensor, offset, destination.Length).ReadAsync(Source, destination, cancellationToken);
        await read.ConfigureAwait(false);
    }
}
