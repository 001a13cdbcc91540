using CoreSrl.Abstractions;

namespace CoreSrl.Formats.Safetensors;

/// <summary>
/// What safetensors calls the element types, and their order. The reference implementation (the <c>Dtype</c> enumeration of
/// safetensors/src/tensor.rs) declares them by alignment and writes the tensors in descending order of it.
/// </summary>
internal static class SafetensorsDtype
{
    private static readonly (string Name, TensorType Type)[] InReferenceOrder =
    [
        ("BOOL", TensorType.Bool),
        ("U8", TensorType.UInt8),
        ("I8", TensorType.Int8),
        ("I16", TensorType.Int16),
        ("F16", TensorType.Float16),
        ("BF16", TensorType.BFloat16),
        ("I32", TensorType.Int32),
        ("F32", TensorType.Float32),
        ("F64", TensorType.Float64),
        ("I64", TensorType.Int64),
    ];

    /// <summary>Every name, for messages.</summary>
    public static string Known { get; } = string.Join(", ", InReferenceOrder.Select(entry => entry.Name));

    public static string NameOf(TensorType type) => InReferenceOrder[Rank(type)].Name;

    public static TensorType? Parse(string name)
    {
        var rank = Array.FindIndex(InReferenceOrder, entry => entry.Name == name);
        return rank < 0 ? null : InReferenceOrder[rank].Type;
    }

    /// <summary>The place in the reference's order; the file begins with the highest.</summary>
    public static int Rank(TensorType type) => Array.FindIndex(InReferenceOrder, entry => entry.Type == type);
}
