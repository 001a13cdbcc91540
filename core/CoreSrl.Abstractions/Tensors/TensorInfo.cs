using System.Collections.Immutable;

namespace CoreSrl.Abstractions;

/// <summary>What a tensor is called and what shape it has; its elements are stored row-major and little-endian.</summary>
public sealed record TensorInfo
{
    /// <summary>Describes a tensor.</summary>
    /// <param name="name">Its name, unique among the tensors it is stored with.</param>
    /// <param name="type">Its element type.</param>
    /// <param name="shape">Its dimensions, none negative; empty for a scalar.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A dimension is negative.</exception>
    /// <exception cref="OverflowException">The tensor would be larger than 2^63 bytes.</exception>
    public TensorInfo(string name, TensorType type, params ImmutableArray<long> shape)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var elements = 1L;
        foreach (var dimension in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(dimension, nameof(shape));
            elements = checked(elements * dimension);
        }

        Name = name;
        Type = type;
        Shape = shape;
        ElementCount = elements;
        ByteLength = checked(elements * type.ElementSize());
    }

    /// <summary>The name, unique among the tensors it is stored with.</summary>
    public string Name { get; }

    /// <summary>The element type.</summary>
    public TensorType Type { get; }

    /// <summary>The dimensions; empty for a scalar.</summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>The product of the dimensions.</summary>
    public long ElementCount { get; }

    /// <summary>The size of all elements, in bytes.</summary>
    public long ByteLength { get; }

    /// <summary>Equal name, type and dimensions.</summary>
    public bool Equals(TensorInfo? other) =>
        other is not null && Name == other.Name && Type == other.Type && Shape.AsSpan().SequenceEqual(other.Shape.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Type, Shape.Length, ByteLength);

    /// <summary>For messages: <c>name float32[4, 16]</c>.</summary>
    public override string ToString() => $"{Name} {Type.ToString().ToLowerInvariant()}[{string.Join(", ", Shape)}]";
}
