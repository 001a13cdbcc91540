using System.Collections.Immutable;

namespace CoreSrl.Benchmarks.Harness;

/// <summary>One quantity, measured in several runs.</summary>
internal sealed record Measurement(string Name, string Unit, ImmutableArray<double> Values)
{
    public double Min => Values.Min();

    public double Max => Values.Max();

    public double Median
    {
        get
        {
            var sorted = Values.Sort();
            return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        }
    }

    /// <summary>Takes a warm-up, whose value is dropped, and then the runs.</summary>
    public static async Task<Measurement> TakeAsync(string name, string unit, int runs, Func<Task<double>> run)
    {
        await run();
        var values = ImmutableArray.CreateBuilder<double>(runs);
        for (var i = 0; i < runs; i++)
            values.Add(await run());
        return new(name, unit, values.MoveToImmutable());
    }
}
