namespace CoreSrl.Abstractions;

/// <summary>A small object, read as a whole.</summary>
/// <param name="Info">Facts about the version that was read.</param>
/// <param name="Content">Its bytes.</param>
public sealed record StoredObject(ObjectInfo Info, ReadOnlyMemory<byte> Content);
