using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>What <see cref="BackendConformance"/> asks of models.</summary>
public sealed record BackendConformanceOptions : ConformanceOptions
{
    /// <summary>What a model is asked. Give some where the model cannot answer just any observation; it is then asked nothing else.</summary>
    /// <value>Default: questions with choices and without, and strange ones where a rule is about those.</value>
    public IReadOnlyList<Observation>? Observations { get; init; }

    /// <summary>How many threads one operation of a model may use.</summary>
    /// <value>Default 1.</value>
    public int Threads { get; init; } = 1;

    /// <summary>How often a model plays and learns in the search for what is not given back.</summary>
    /// <value>Default 1,000; at least 40.</value>
    public int Steps { get; init; } = 1_000;

    /// <summary>Counts what models hold beside managed memory: the tensors alive in the process, say.</summary>
    /// <value>Default none: the memory of the process is measured instead, which sees less.</value>
    public Func<long>? LiveTensors { get; init; }

    internal IReadOnlyList<Observation> Questions => Observations ??
    [
        new("2+3=", "4", "5", "6"),
        new("Do you give or keep? ", "give", "keep"),
        new("A word, please: "),
        new("Another: "),
    ];
}
