using System.Runtime.InteropServices;
using CoreSrl.Abstractions;

namespace CoreSrl.Tests.Fakes;

/// <summary>A tensor in a managed array.</summary>
internal sealed class ManagedTensor(TensorPart part, TensorInfo info) : StateTensor(part, info)
{
    public byte[] Bytes { get; } = new byte[info.ByteLength];

    public Span<float> Floats => MemoryMarshal.Cast<byte, float>(Bytes.AsSpan());

    public static ManagedTensor Of(TensorPart part, string name, params float[] values)
    {
        var tensor = new ManagedTensor(part, new(name, TensorType.Float32, values.Length));
        values.CopyTo(tensor.Floats);
        return tensor;
    }

    public override void CopyTo(long offset, Span<byte> destination) => Bytes.AsSpan((int)offset, destination.Length).CopyTo(destination);

    public override void CopyFrom(long offset, ReadOnlySpan<byte> source) => source.CopyTo(Bytes.AsSpan((int)offset, source.Length));
}
