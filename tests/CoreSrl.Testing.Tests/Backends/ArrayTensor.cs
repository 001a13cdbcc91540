using System.Runtime.InteropServices;
using CoreSrl.Abstractions;

namespace CoreSrl.Testing.Tests.Backends;

/// <summary>A tensor in a managed array.</summary>
internal sealed class ArrayTensor(TensorPart part, TensorInfo info) : StateTensor(part, info)
{
    private byte[] Bytes { get; } = new byte[info.ByteLength];

    public Span<float> Floats => MemoryMarshal.Cast<byte, float>(Bytes.AsSpan());

    public static ArrayTensor Of(TensorPart part, string name, params float[] values)
    {
        var tensor = new ArrayTensor(part, new(name, TensorType.Float32, values.Length));
        values.CopyTo(tensor.Floats);
        return tensor;
    }

    public override void CopyTo(long offset, Span<byte> destination) => Range(offset, destination.Length).Span.CopyTo(destination);

    public override void CopyFrom(long offset, ReadOnlySpan<byte> source) => source.CopyTo(Range(offset, source.Length).Span);

    public override bool TryGetMemory(long offset, int length, out Memory<byte> memory)
    {
        memory = Range(offset, length);
        return true;
    }

    private Memory<byte> Range(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Bytes.Length - length);
        return Bytes.AsMemory((int)offset, length);
    }
}

/// <summary>A window onto another window, for others to break it.</summary>
internal class PassingTensor(StateTensor inner) : StateTensor(inner.Part, inner.Info)
{
    protected StateTensor Inner => inner;

    public override void CopyTo(long offset, Span<byte> destination) => inner.CopyTo(offset, destination);

    public override void CopyFrom(long offset, ReadOnlySpan<byte> source) => inner.CopyFrom(offset, source);

    public override bool TryGetMemory(long offset, int length, out Memory<byte> memory) => inner.TryGetMemory(offset, length, out memory);
}
