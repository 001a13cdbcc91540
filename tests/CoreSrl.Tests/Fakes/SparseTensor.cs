using CoreSrl.Abstractions;

namespace CoreSrl.Tests.Fakes;

/// <summary>A tensor of gigabytes that is zero but for a few marks.</summary>
internal sealed class SparseTensor(TensorPart part, TensorInfo info) : StateTensor(part, info)
{
    public SparseBytes Bytes { get; } = new(info.ByteLength);

    public override void CopyTo(long offset, Span<byte> destination) => Bytes.CopyTo(offset, destination);

    public override void CopyFrom(long offset, ReadOnlySpan<byte> source) => Bytes.CopyFrom(offset, source);
}
