using CoreSrl.Abstractions;
using static TorchSharp.torch;

namespace CoreSrl.Torch;

/// <summary>The element types of checkpoints and of torch, matched.</summary>
public static class TorchTypes
{
    /// <summary>The checkpoint's name of a torch element type.</summary>
    /// <exception cref="NotSupportedException">A checkpoint cannot hold the type (complex and quantised numbers).</exception>
    public static TensorType ToTensorType(this ScalarType type) => type switch
    {
        ScalarType.Bool => TensorType.Bool,
        ScalarType.Byte => TensorType.UInt8,
        ScalarType.Int8 => TensorType.Int8,
        ScalarType.Int16 => TensorType.Int16,
        ScalarType.Int32 => TensorType.Int32,
        ScalarType.Int64 => TensorType.Int64,
        ScalarType.Float16 => TensorType.Float16,
        ScalarType.BFloat16 => TensorType.BFloat16,
        ScalarType.Float32 => TensorType.Float32,
        ScalarType.Float64 => TensorType.Float64,
        _ => throw new NotSupportedException($"A checkpoint cannot hold tensors of type {type}; convert the tensor first."),
    };

    /// <summary>Torch's name of a checkpoint's element type.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a tensor type.</exception>
    public static ScalarType ToScalarType(this TensorType type) => type switch
    {
        TensorType.Bool => ScalarType.Bool,
        TensorType.UInt8 => ScalarType.Byte,
        TensorType.Int8 => ScalarType.Int8,
        TensorType.Int16 => ScalarType.Int16,
        TensorType.Int32 => ScalarType.Int32,
        TensorType.Int64 => ScalarType.Int64,
        TensorType.Float16 => ScalarType.Float16,
        TensorType.BFloat16 => ScalarType.BFloat16,
        TensorType.Float32 => ScalarType.Float32,
        TensorType.Float64 => ScalarType.Float64,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a tensor type"),
    };
}
