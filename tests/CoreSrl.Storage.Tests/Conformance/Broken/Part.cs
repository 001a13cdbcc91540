using System.Collections.Concurrent;
using CoreSrl.Abstractions;

namespace CoreSrl.Storage.Tests.Conformance.Broken;

/// <summary>What goes in one piece; larger objects go in several, on another way.</summary>
internal static class Part
{
    public const int Length = 3 << 19;

    /// <summary>Whether an object of a length is one that a storage takes.</summary>
    public static bool Takes(this ICheckpointStorage storage, long length, WriteCondition condition) =>
        length <= (condition == WriteCondition.Always ? storage.Capabilities.MaxObjectLength : storage.Capabilities.MaxConditionalLength);
}

/// <summary>What the clients onto one place have in common.</summary>
internal static class Shared<T>
    where T : new()
{
    private static readonly ConcurrentDictionary<string, T> Places = [];

    public static T Of(ICheckpointStorage storage) => Places.GetOrAdd(storage.Location, _ => new());
}
