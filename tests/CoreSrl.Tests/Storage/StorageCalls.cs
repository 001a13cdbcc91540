using System.Buffers;
using System.Text;
using CoreSrl.Abstractions;
using LocalStoragePlugin = CoreSrl.Plugins.LocalStorage.LocalStorage;

namespace CoreSrl.Tests.Storage;

/// <summary>The five verbs in the short forms that tests use: text for bytes, no token.</summary>
internal static class StorageCalls
{
    public static LocalStoragePlugin Open(string folder) => new(new(), new StorageContext(folder));

    public static Task<ObjectInfo> PutAsync(this ICheckpointStorage storage, string key, string text, WriteCondition condition = default) =>
        storage.WriteAsync(key, new(Encoding.UTF8.GetBytes(text)), condition, default).AsTask();

    public static async Task<string> GetAsync(this ICheckpointStorage storage, string key)
    {
        var info = await storage.StatAsync(key, default) ?? throw new StorageException(StorageErrorKind.NotFound, key, "nothing there");
        var bytes = new byte[info.Length];
        await storage.ReadAsync(key, 0, bytes, default);
        return Encoding.UTF8.GetString(bytes);
    }

    public static async Task<string[]> KeysAsync(this ICheckpointStorage storage, string prefix = "")
    {
        List<string> keys = [];
        await foreach (var info in storage.ListAsync(prefix, default))
            keys.Add(info.Key);
        return [.. keys];
    }

    public static async Task<StorageException> FailsAsync(StorageErrorKind kind, Func<Task> call)
    {
        var error = await Assert.ThrowsAsync<StorageException>(call);
        Assert.True(kind == error.Kind, $"expected {kind}, was {error.Kind}: {error.Message}");
        return error;
    }

    /// <summary>A sequence of separate segments, as a checkpoint's tensors are.</summary>
    public static ReadOnlySequence<byte> Sequence(params ReadOnlyMemory<byte>[] parts)
    {
        var first = new Segment(parts[0], 0);
        var last = first;
        foreach (var part in parts.Skip(1))
            last = last.Append(part);
        return new(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long start)
        {
            Memory = memory;
            RunningIndex = start;
        }

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
