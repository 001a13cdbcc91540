using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>What <see cref="BackendConformance"/> asks of models.</summary>
public sealed record BackendConformanceOptions : ConformanceOptions
{
    /// <summary>What a model is asked: give only what it can answer.</summary>
    /// <value>Default: questions with choices, and some that any text answers.</value>
    public IReadOnlyList<Observation> Observations { get; init; } =
    [
        new("2+3=", "4", "5", "6"),
        new("Do you give or keep?", "give", "keep"),
        new("A word, please:"),
        new("Another:"),
    ];

    /// <summary>How often it plays and learns in the search for what is not given back.</summary>
    /// <value>Default 1,000.</value>
    public int Steps { get; init; } = 1_000;

    /// <summary>Counts what the backend's models hold beside managed memory: the tensors alive in the process, say.</summary>
    /// <value>Default none: the memory of the process is measured instead.</value>
    public Func<long>? LiveTensors { get; init; }
}
