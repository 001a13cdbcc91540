using CoreSrl.Abstractions;

namespace CoreSrl.Formats;

/// <summary>A range of a view's row-major bytes, and the span of the file in which its elements are scattered.</summary>
internal sealed class StridedWindow
{
    private readonly StoredTensor _tensor;
    private readonly int _elementSize;
    private readonly long _firstElement;
    private readonly int _skip;
    private readonly long _elements;

    /// <summary>Describes the <paramref name="length"/> bytes from row-major byte <paramref name="offset"/> on; more than none.</summary>
    public StridedWindow(StoredTensor tensor, long offset, int length)
    {
        _tensor = tensor;
        _elementSize = tensor.Info.Type.ElementSize();
        _firstElement = offset / _elementSize;
        _skip = (int)(offset % _elementSize);
        _elements = ((_skip + (long)length - 1) / _elementSize) + 1;
    }

    /// <summary>Reads the span once and picks the elements out of it, in their order.</summary>
    public async ValueTask ReadAsync(IByteSource source, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var (low, high) = Span();
        var bytes = ((high - low) + 1) * _elementSize;
        if (bytes > Array.MaxLength)
        {
            throw new CheckpointFormatException(
                source.Name,
                $"the elements of '{_tensor.Info.Name}', a view, lie scattered over {bytes} bytes",
                "Save it with .contiguous()");
        }

        var scattered = new byte[bytes];
        await source.ReadAsync(_tensor.Offset + (low * _elementSize), scattered, cancellationToken).ConfigureAwait(false);
        Gather(scattered, low, destination.Span);
    }

    private (long Low, long High) Span()
    {
        var (low, high) = (long.MaxValue, 0L);
        foreach (var position in Positions())
            (low, high) = (Math.Min(low, position), Math.Max(high, position));
        return (low, high);
    }

    private void Gather(ReadOnlySpan<byte> scattered, long low, Span<byte> destination)
    {
        var skip = _skip;
        foreach (var position in Positions())
        {
            var element = scattered.Slice((int)((position - low) * _elementSize), _elementSize)[skip..];
            if (element.Length > destination.Length)
                element = element[..destination.Length];
            element.CopyTo(destination);
            destination = destination[element.Length..];
            skip = 0;
        }
    }

    /// <summary>The distance of each element from the tensor's first, in elements, row-major.</summary>
    private IEnumerable<long> Positions()
    {
        var shape = _tensor.Info.Shape;
        var strides = _tensor.Strides;
        var index = new long[shape.Length];
        var position = 0L;
        var rest = _firstElement;
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            (rest, index[i]) = Math.DivRem(rest, shape[i]);
            position += index[i] * strides[i];
        }

        for (var n = 0L; n < _elements; n++)
        {
            yield return position;
            for (var i = shape.Length - 1; i >= 0; i--)
            {
                position += strides[i];
                if (++index[i] < shape[i])
                    break;
                position -= shape[i] * strides[i];
                index[i] = 0;
            }
        }
    }
}
