using System.Runtime.InteropServices;
using CoreSrl.Abstractions;

namespace Company.SrlPlugin;

/// <summary>A tensor of numbers in an array, as a checkpoint sees it.</summary>
internal sealed class Table(string name, int length) : StateTensor(TensorPart.Weights, new(name, TensorType.Float32, length))
{
    private readonly float[] _values = new float[length];

    public Span<float> Values => _values;

    private Span<byte> Bytes => MemoryMarshal.AsBytes(_values.AsSpan());

    public override void CopyTo(long offset, Span<byte> destination) => Bytes.Slice(checked((int)offset), destination.Length).CopyTo(destination);

    public override void CopyFrom(long offset, ReadOnlySpan<byte> source) => source.CopyTo(Bytes.Slice(checked((int)offset), source.Length));
}
