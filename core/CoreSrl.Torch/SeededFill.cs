using System.Text;
using CoreSrl.Abstractions;
using static TorchSharp.torch;

namespace CoreSrl.Torch;

/// <summary>
/// Initial values that follow from a seed and a tensor's name alone, whatever else is created before, after or at the same time.
/// Torch's own generator is global and would mix the models of one process.
/// </summary>
public static class SeededFill
{
    /// <summary>A seed for one purpose, derived from a common one.</summary>
    /// <param name="seed">The common seed.</param>
    /// <param name="purpose">A name; another name gives an unrelated seed.</param>
    /// <remarks>FNV-1a (Fowler, Noll and Vo) over the name, mixed by one step of SplitMix64.</remarks>
    public static ulong Derive(ulong seed, string purpose)
    {
        ArgumentNullException.ThrowIfNull(purpose);
        var hash = 14695981039346656037UL;
        foreach (var octet in Encoding.UTF8.GetBytes(purpose))
            hash = (hash ^ octet) * 1099511628211UL;
        return new SeededRandom(seed ^ hash).NextUInt64();
    }

    /// <summary>Independent normal numbers of mean 0, by Box and Muller's method.</summary>
    /// <param name="shape">The shape of the float32 result.</param>
    /// <param name="standardDeviation">Their standard deviation, at least 0.</param>
    /// <param name="seed">Determines all of them.</param>
    /// <param name="device">Where the result lies.</param>
    public static Tensor Normal(ReadOnlySpan<long> shape, double standardDeviation, ulong seed, Device device)
    {
        var random = new SeededRandom(seed);
        return Fill(shape, device, () =>
        {
            // 1 - u is above 0, where the logarithm is finite.
            var radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            return standardDeviation * radius * Math.Cos(2 * Math.PI * random.NextDouble());
        });
    }

    /// <summary>Independent numbers, uniform from -<paramref name="bound"/> to <paramref name="bound"/>.</summary>
    /// <param name="shape">The shape of the float32 result.</param>
    /// <param name="bound">The largest absolute value, at least 0.</param>
    /// <param name="seed">Determines all of them.</param>
    /// <param name="device">Where the result lies.</param>
    public static Tensor Uniform(ReadOnlySpan<long> shape, double bound, ulong seed, Device device)
    {
        var random = new SeededRandom(seed);
        return Fill(shape, device, () => bound * ((2 * random.NextDouble()) - 1));
    }

    private static Tensor Fill(ReadOnlySpan<long> shape, Device device, Func<double> next)
    {
        using var scope = NewDisposeScope();
        var tensor = empty(shape.ToArray(), float32);
        using (var flat = tensor.view(-1))
        {
            const long Chunk = 1 << 24;
            for (var start = 0L; start < flat.NumberOfElements; start += Chunk)
            {
                using var piece = flat.narrow(0, start, Math.Min(Chunk, flat.NumberOfElements - start));
                foreach (ref var value in System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(piece.bytes))
                    value = (float)next();
            }
        }

        return tensor.to(device).MoveToOuterDisposeScope();
    }
}
