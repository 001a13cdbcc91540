using System.Buffers;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Claims;

namespace CoreSrl.Tests.Fakes;

/// <summary>A storage as another process would use it: the claims that it writes are that process's.</summary>
internal sealed class AnothersStorage(ICheckpointStorage inner, ProcessIdentity process) : ICheckpointStorage
{
    /// <summary>A process on a machine that cannot be seen from here.</summary>
    public static ProcessIdentity Elsewhere(string host) => new(host, $"the only boot of {host}", 4711, "12345");

    /// <summary>A process that has ended; its id is in use again, by this one.</summary>
    public static ProcessIdentity Dead => ProcessIdentity.Own with { Started = "12345" };

    public string Location => inner.Location;

    public StorageCapabilities Capabilities => inner.Capabilities;

    public ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken) => inner.StatAsync(key, cancellationToken);

    public ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        inner.ReadAsync(key, offset, destination, cancellationToken);

    public ValueTask<StoredObject?> ReadAllAsync(string key, CancellationToken cancellationToken) => inner.ReadAllAsync(key, cancellationToken);

    public ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken) =>
        inner.WriteAsync(key, key == "claim.json" ? Signed(content) : content, condition, cancellationToken);

    public ValueTask<ObjectInfo> WriteFromAsync(string key, IByteSource content, WriteCondition condition, CancellationToken cancellationToken) =>
        inner.WriteFromAsync(key, content, condition, cancellationToken);

    public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

    public IAsyncEnumerable<string> ListFoldersAsync(string prefix, CancellationToken cancellationToken) => inner.ListFoldersAsync(prefix, cancellationToken);

    public ValueTask DeleteAsync(string key, CancellationToken cancellationToken) => inner.DeleteAsync(key, cancellationToken);

    private ReadOnlySequence<byte> Signed(ReadOnlySequence<byte> claim) =>
        new((ClaimRecord.Parse(claim.ToArray())! with { Holder = process }).ToFile());
}
