namespace CoreSrl.Abstractions;

/// <summary>What the engine tells a storage beside its own options.</summary>
/// <param name="Directory"><c>Checkpoints:Directory</c> as a full path: where a local storage keeps its objects.</param>
public sealed record StorageContext(string Directory);
