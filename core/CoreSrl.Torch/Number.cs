using System.Collections.Concurrent;
using TorchSharp;

namespace CoreSrl.Torch;

/// <summary>Numbers as operands of torch's operations.</summary>
/// <remarks>
/// TorchSharp turns a number into a <see cref="Scalar"/>, hands native code its address alone, and frees it in a finalizer: a garbage
/// collection at the wrong moment frees what the operation is about to read, and another number is read instead, or none. So no number
/// may be converted by itself. The same holds where TorchSharp makes a number of its own: <c>add(Tensor)</c>, <c>a + b</c> and
/// <c>square()</c>; write <c>add(b, Number.One)</c> and <c>x.mul(x)</c>. (TorchSharp 0.107, Scalar.cs and Tensor.Math.cs.)
/// </remarks>
public static class Number
{
    private static readonly ConcurrentDictionary<double, Scalar> Kept = new();

    /// <summary>1, for good.</summary>
    public static Scalar One => Of(1);

    /// <summary>A number that is used again and again, such as an option: kept for the life of the process.</summary>
    public static Scalar Of(double value) => Kept.GetOrAdd(value, static number => number);

    /// <summary>A number that is used once. Hold it in a <c>using</c> that spans the operation.</summary>
    public static Scalar Once(double value) => value;
}
