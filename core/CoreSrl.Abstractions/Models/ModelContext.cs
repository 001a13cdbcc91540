namespace CoreSrl.Abstractions;

/// <summary>What a backend is told about the model it creates.</summary>
/// <param name="Id">The model's id in the configuration, unique in the run.</param>
/// <param name="Seed">Seeds whatever is random in the model's initial state; the same for every start of one run.</param>
/// <param name="Threads">How many threads one operation of a local model may use, at least 1. Recorded in the checkpoint, because
/// sums of floating-point numbers depend on it.</param>
public sealed record ModelContext(string Id, ulong Seed, int Threads);
