using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using CoreSrl.Abstractions;

namespace CoreSrl.Formats.Peft;

/// <summary>A weight with an adapter merged into it, W + s B A: computed row by row as it is read, in float32, and rounded once to the
/// weight's own type.</summary>
/// <remarks>Hu et al. 2021, "LoRA", arXiv:2106.09685, equation 3. float32, bfloat16 (round to nearest, ties to even) and float16.</remarks>
internal sealed class MergedWeight
{
    private readonly TensorSource _weight;
    private readonly float[] _a; // [rank, columns]
    private readonly float[] _b; // [rows, rank]
    private readonly int _rank;
    private readonly float _scale;
    private readonly int _columns;
    private readonly int _width;

    private MergedWeight(TensorSource weight, float[] a, float[] b, int rank, double scale)
    {
        _weight = weight;
        (_a, _b, _rank, _scale) = (a, b, rank, (float)scale);
        _columns = (int)weight.Info.Shape[1];
        _width = (int)(weight.Info.ByteLength / weight.Info.ElementCount);
    }

    /// <summary>Reads the adapter's matrices; the weight is read as the sum is.</summary>
    /// <exception cref="CheckpointFormatException">They do not fit each other, or are of another type.</exception>
    public static async Task<TensorSource> CreateAsync(TensorSource weight, LoraPair pair, TensorFile adapter, CancellationToken cancellationToken)
    {
        var (a, b) = (pair.A.Info, pair.B.Info);
        if (weight.Info.Shape is not [var rows, var columns] || rows != b.Shape[0] || columns != a.Shape[1])
            throw Refuse(weight, $"'{weight.Info}' is not of the shape of its adapter, [{b.Shape[0]}, {a.Shape[1]}]");
        if (weight.Info.Type is not (TensorType.Float32 or TensorType.BFloat16 or TensorType.Float16) || a.Type != TensorType.Float32 || b.Type != TensorType.Float32)
            throw Refuse(weight, $"'{weight.Info}' and its adapter, {a.Type} and {b.Type}, are not of types that can be added");
        var merged = new MergedWeight(
            weight,
            await ReadAsync(adapter, pair.A, cancellationToken).ConfigureAwait(false),
            await ReadAsync(adapter, pair.B, cancellationToken).ConfigureAwait(false),
            pair.Rank,
            pair.Scale);
        return new(weight.Info, merged.ReadAsync);
    }

    private static CheckpointFormatException Refuse(TensorSource weight, string problem) => new(weight.Name, problem, "Export the adapter as peft instead");

    private static async Task<float[]> ReadAsync(TensorFile file, StoredTensor tensor, CancellationToken cancellationToken)
    {
        var bytes = new byte[tensor.Info.ByteLength];
        await file.ReadAsync(tensor, 0, bytes, cancellationToken).ConfigureAwait(false);
        return MemoryMarshal.Cast<byte, float>(bytes).ToArray();
    }

    private async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        // A reader may ask for any bytes: whole elements are computed, and what was asked for is passed on.
        var first = offset / _width;
        var count = (int)(((offset + destination.Length - 1) / _width) - first + 1);
        var bytes = new byte[count * _width];
        await _weight.ReadAsync(first * _width, bytes, cancellationToken).ConfigureAwait(false);
        var values = new float[count];
        ToFloats(bytes, values);
        for (var done = 0; done < count;)
        {
            var (row, column) = Math.DivRem(first + done, _columns);
            var length = (int)Math.Min(count - done, _columns - column);
            Add((int)row, (int)column, values.AsSpan(done, length));
            done += length;
        }

        FromFloats(values, bytes);
        bytes.AsSpan((int)(offset - (first * _width)), destination.Length).CopyTo(destination.Span);
    }

    private void Add(int row, int column, Span<float> values)
    {
        for (var k = 0; k < _rank; k++)
            TensorPrimitives.MultiplyAdd(_a.AsSpan((k * _columns) + column, values.Length), _scale * _b[(row * _rank) + k], values, values);
    }

    private void ToFloats(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        if (_weight.Info.Type == TensorType.Float32)
        {
            MemoryMarshal.Cast<byte, float>(bytes).CopyTo(values);
            return;
        }

        for (var i = 0; i < values.Length; i++)
        {
            values[i] = _weight.Info.Type == TensorType.Float16
                ? (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..])
                : BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]) << 16);
        }
    }

    private void FromFloats(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        if (_weight.Info.Type == TensorType.Float32)
        {
            MemoryMarshal.AsBytes(values).CopyTo(bytes);
            return;
        }

        for (var i = 0; i < values.Length; i++)
        {
            if (_weight.Info.Type == TensorType.Float16)
                BinaryPrimitives.WriteHalfLittleEndian(bytes[(2 * i)..], (Half)values[i]);
            else
                BinaryPrimitives.WriteUInt16LittleEndian(bytes[(2 * i)..], ToBFloat16(values[i]));
        }
    }

    private static ushort ToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
