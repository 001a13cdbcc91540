using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using CoreSrl.Abstractions;

namespace CoreSrl.Training;

/// <summary>Replaces corresponding tensors of several models by their weighted average.</summary>
internal static class TensorAverage
{
    // 64 KiB a buffer: small enough for the ordinary heap.
    private const int ChunkElements = 1 << 14;

    /// <summary>Averages in the order given, in float32, so that the result is the same bits every time and in every model.</summary>
    /// <param name="tables">One table per model; equal names, types (float32) and shapes.</param>
    /// <param name="weights">One per model, summing to 1.</param>
    public static void Average(IReadOnlyList<IReadOnlyList<StateTensor>> tables, IReadOnlyList<double> weights)
    {
        var sum = new float[ChunkElements];
        var one = new float[ChunkElements];
        for (var tensor = 0; tensor < tables[0].Count; tensor++)
        {
            var info = tables[0][tensor].Info;
            if (info.Type != TensorType.Float32)
                throw new InvalidOperationException($"Only float32 tensors can be averaged; {info} is not.");
            for (var offset = 0L; offset < info.ElementCount; offset += ChunkElements)
            {
                var count = (int)Math.Min(ChunkElements, info.ElementCount - offset);
                var total = sum.AsSpan(0, count);
                var part = one.AsSpan(0, count);
                total.Clear();
                for (var model = 0; model < tables.Count; model++)
                {
                    tables[model][tensor].CopyTo(offset * sizeof(float), MemoryMarshal.AsBytes(part));
                    TensorPrimitives.MultiplyAdd(part, (float)weights[model], total, total);
                }

                foreach (var table in tables)
                    table[tensor].CopyFrom(offset * sizeof(float), MemoryMarshal.AsBytes(total));
            }
        }
    }
}
