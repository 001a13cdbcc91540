using System.Runtime.InteropServices;
using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>The numbers in tensors.</summary>
internal static class FloatingPoint
{
    /// <summary>Whether no element is NaN or infinite; whole numbers never are.</summary>
    public static bool IsFinite(StateTensor tensor) => ModelBits.Pieces(tensor).All(piece => tensor.Info.Type switch
    {
        TensorType.Float64 => AllFinite(MemoryMarshal.Cast<byte, double>(piece)),
        TensorType.Float32 => AllFinite(MemoryMarshal.Cast<byte, float>(piece)),
        TensorType.Float16 => NoneHasAll(piece, 0x7C00),
        TensorType.BFloat16 => NoneHasAll(piece, 0x7F80),
        _ => true,
    });

    /// <summary>The elements of a float32 tensor.</summary>
    public static float[] Floats(StateTensor tensor)
    {
        var values = new float[tensor.Info.ElementCount];
        tensor.CopyTo(0, MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    private static bool AllFinite(ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            if (!double.IsFinite(value))
                return false;
        }

        return true;
    }

    private static bool AllFinite(ReadOnlySpan<float> values)
    {
        foreach (var value in values)
        {
            if (!float.IsFinite(value))
                return false;
        }

        return true;
    }

    // All bits of the exponent set: NaN or infinity.
    private static bool NoneHasAll(ReadOnlySpan<byte> piece, ushort exponent)
    {
        foreach (var value in MemoryMarshal.Cast<byte, ushort>(piece))
        {
            if ((value & exponent) == exponent)
                return false;
        }

        return true;
    }
}
