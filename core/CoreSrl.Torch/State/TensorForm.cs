using System.Collections.Immutable;
using System.Globalization;
using CoreSrl.Abstractions;
using static TorchSharp.torch;

namespace CoreSrl.Torch;

/// <summary>A tensor's element type and shape, written <c>float32[4, 16]</c>.</summary>
internal readonly record struct TensorForm(TensorType Type, ImmutableArray<long> Shape)
{
    /// <summary>The form of a live tensor.</summary>
    public static TensorForm Of(Tensor tensor) => new(tensor.dtype.ToTensorType(), [.. tensor.shape]);

    /// <summary>Reads what <see cref="ToString"/> wrote; where it stood is for messages.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static TensorForm Parse(string text, string where)
    {
        var open = text.IndexOf('[', StringComparison.Ordinal);
        if (open > 0 && text.EndsWith(']') && Enum.TryParse<TensorType>(text[..open], ignoreCase: true, out var type))
        {
            var form = new TensorForm(type, [.. text[(open + 1)..^1].Split(", ", StringSplitOptions.RemoveEmptyEntries)
                .Select(dimension => long.TryParse(dimension, NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : -1)]);
            if (form.Shape.All(length => length >= 0) && form.ToString() == text)
                return form;
        }

        throw new FormatException($"{where}: '{text}' is no form of a tensor, such as float32[4, 16].");
    }

    /// <summary>A tensor of this form, in no dispose scope; what it holds is not defined.</summary>
    public Tensor Create(Device device) => empty(Shape.AsSpan(), Type.ToScalarType(), device).DetachFromDisposeScope();

    /// <summary>Equal type and dimensions.</summary>
    public bool Equals(TensorForm other) => Type == other.Type && Shape.AsSpan().SequenceEqual(other.Shape.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, Shape.Length);

    /// <inheritdoc/>
    public override string ToString() => $"{Type.ToString().ToLowerInvariant()}[{string.Join(", ", Shape)}]";
}
