using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using CoreSrl.Abstractions;

namespace CoreSrl.Storage.Tests.Conformance;

/// <summary>Places in memory, by name: what the rules must let pass, and what broken storages are made from.</summary>
internal sealed class MemoryPlaces
{
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, Version>> _places = [];
    private long _versions;

    public MemoryStorage Open(string place) => new(this, place, _places.GetOrAdd(place, _ => new(StringComparer.Ordinal)));

    internal sealed record Version(byte[] Content, ObjectInfo Info);

    /// <summary>A client onto one.</summary>
    internal sealed class MemoryStorage(MemoryPlaces places, string name, ConcurrentDictionary<string, Version> objects) : ICheckpointStorage
    {
        public string Location => $"memory://{name}";

        public StorageCapabilities Capabilities { get; } = new() { MaxObjectLength = 1L << 30, MaxConditionalLength = 64 << 20, IsLocal = true };

        public ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken)
        {
            Check(key, cancellationToken);
            return ValueTask.FromResult(objects.GetValueOrDefault(key)?.Info);
        }

        public async ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
        {
            Check(key, cancellationToken);
            await Task.Yield();
            if (!objects.TryGetValue(key, out var found))
                throw new StorageException(StorageErrorKind.NotFound, key, $"There is no '{key}'.");
            if (offset > found.Content.Length - destination.Length)
                throw new StorageException(StorageErrorKind.Permanent, key, $"'{key}' ends before byte {offset + destination.Length}.");
            found.Content.AsMemory((int)offset, destination.Length).CopyTo(destination);
        }

        public async ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
        {
            Check(key, cancellationToken);
            CheckLength(key, content.Length, condition);
            await Task.Yield();
            var bytes = content.ToArray();
            var version = Interlocked.Increment(ref places._versions).ToString(CultureInfo.InvariantCulture);
            var written = new Version(bytes, new(key, bytes.Length, version, DateTimeOffset.UtcNow));
            objects.AddOrUpdate(
                key,
                _ => condition.ETag is null ? written : throw Failed(key),
                (_, found) => condition.MustBeAbsent || (condition.ETag ?? found.Info.ETag) != found.Info.ETag ? throw Failed(key) : written);
            return written.Info;
        }

        public async ValueTask<ObjectInfo> WriteFromAsync(string key, IByteSource content, WriteCondition condition, CancellationToken cancellationToken)
        {
            Check(key, cancellationToken);
            CheckLength(key, content.Length, condition);
            var bytes = new byte[content.Length];
            for (var offset = 0; offset < bytes.Length; offset += 5 << 20)
                await content.ReadAsync(offset, bytes.AsMemory(offset, Math.Min(5 << 20, bytes.Length - offset)), cancellationToken);
            return await WriteAsync(key, new(bytes), condition, cancellationToken);
        }

        public async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            ObjectKey.CheckPrefix(prefix);
            await Task.Yield();
            foreach (var key in objects.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (objects.TryGetValue(key, out var found))
                    yield return found.Info;
            }
        }

        public ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
        {
            Check(key, cancellationToken);
            objects.TryRemove(key, out _);
            return ValueTask.CompletedTask;
        }

        private static void Check(string key, CancellationToken cancellationToken)
        {
            ObjectKey.Check(key);
            cancellationToken.ThrowIfCancellationRequested();
        }

        private void CheckLength(string key, long length, WriteCondition condition)
        {
            if (length > (condition == WriteCondition.Always ? Capabilities.MaxObjectLength : Capabilities.MaxConditionalLength))
                throw new StorageException(StorageErrorKind.Permanent, key, $"'{key}' has {length} bytes, which are too many.");
        }

        private static StorageException Failed(string key) => new(StorageErrorKind.PreconditionFailed, key, $"'{key}' is not what it was to be.");
    }
}
