using System.Buffers;
using CoreSrl.Abstractions;

namespace CoreSrl.Storage.Tests.Conformance.Broken;

/// <summary>Takes keys for others that look like them.</summary>
internal abstract class OtherKeys(ICheckpointStorage inner) : PassingStorage(inner)
{
    protected abstract string Other(string key);

    public override ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken) => Inner.StatAsync(Other(key), cancellationToken);

    public override ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        Inner.ReadAsync(Other(key), offset, destination, cancellationToken);

    public override ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken) =>
        Inner.WriteAsync(Other(key), content, condition, cancellationToken);

    public override ValueTask DeleteAsync(string key, CancellationToken cancellationToken) => Inner.DeleteAsync(Other(key), cancellationToken);
}

internal sealed class TrimmedKeys(ICheckpointStorage inner) : OtherKeys(inner)
{
    protected override string Other(string key) => key.TrimEnd('/');
}

internal sealed class UnescapedKeys(ICheckpointStorage inner) : OtherKeys(inner)
{
    protected override string Other(string key) => Uri.UnescapeDataString(key);
}

internal sealed class CutKeys(ICheckpointStorage inner) : OtherKeys(inner)
{
    protected override string Other(string key) => key.Length > 255 ? key[..255] : key;
}
