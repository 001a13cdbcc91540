using CoreSrl.Abstractions;

namespace CoreSrl.Formats.Pt;

/// <summary>The classes in PyTorch's module <c>torch</c> that name the element type of a storage (torch/__init__.py).</summary>
internal static class PtStorageType
{
    public static string NameOf(TensorType type) => type switch
    {
        TensorType.Bool => "BoolStorage",
        TensorType.UInt8 => "ByteStorage",
        TensorType.Int8 => "CharStorage",
        TensorType.Int16 => "ShortStorage",
        TensorType.Int32 => "IntStorage",
        TensorType.Int64 => "LongStorage",
        TensorType.Float16 => "HalfStorage",
        TensorType.BFloat16 => "BFloat16Storage",
        TensorType.Float32 => "FloatStorage",
        TensorType.Float64 => "DoubleStorage",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a tensor type"),
    };

    public static TensorType? Parse(string name)
    {
        foreach (var type in Enum.GetValues<TensorType>())
        {
            if (NameOf(type) == name)
                return type;
        }

        return null;
    }
}
