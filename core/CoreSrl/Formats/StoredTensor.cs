using System.Collections.Immutable;
using CoreSrl.Abstractions;

namespace CoreSrl.Formats;

/// <summary>Where a tensor's elements lie in a file.</summary>
public sealed record StoredTensor
{
    internal StoredTensor(TensorInfo info, long offset, ImmutableArray<long> strides)
    {
        Info = info;
        Offset = offset;
        Strides = strides;
        IsContiguous = info.ElementCount == 0 || AreRowMajor(info.Shape, strides);
    }

    /// <summary>Name, element type and shape.</summary>
    public TensorInfo Info { get; }

    /// <summary>Where the first element lies, in bytes from the start of the file.</summary>
    public long Offset { get; }

    /// <summary>For each dimension, how many elements further the next index lies; none is negative.</summary>
    public ImmutableArray<long> Strides { get; }

    /// <summary>
    /// Whether the elements lie row-major and without gaps, as <see cref="TensorInfo.ByteLength"/> bytes from <see cref="Offset"/> on.
    /// Otherwise the tensor is a view of a larger or transposed one; <see cref="TensorFile.ReadAsync"/> puts it in order.
    /// </summary>
    public bool IsContiguous { get; }

    /// <summary>
    /// The strides of a row-major tensor, in elements; a dimension of none counts as one, as in PyTorch. One that would exceed
    /// 2^63, which only a tensor without elements can have, is 1: nothing is ever found by it.
    /// </summary>
    public static ImmutableArray<long> RowMajorStrides(TensorInfo info)
    {
        var strides = new long[info.Shape.Length];
        var stride = (Int128)1;
        for (var i = strides.Length - 1; i >= 0; i--)
        {
            strides[i] = (long)stride;
            stride *= Math.Max(info.Shape[i], 1);
            if (stride > long.MaxValue)
                stride = 1;
        }

        return ImmutableArray.Create(strides);
    }

    // The stride of a dimension of length 1 is never used, and PyTorch leaves any value there.
    private static bool AreRowMajor(ImmutableArray<long> shape, ImmutableArray<long> strides)
    {
        var expected = 1L;
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            if (shape[i] != 1 && strides[i] != expected)
                return false;
            expected *= shape[i];
        }

        return true;
    }
}
