using CoreSrl.Abstractions;

namespace CoreSrl.Tests.Formats;

/// <summary>Bytes in memory; fails the test when a reader asks for what is not there, or for more than the file has.</summary>
internal sealed class BoundedSource(string name, byte[] bytes) : IByteSource
{
    public string Name => name;

    public long Length => bytes.Length;

    public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        Assert.InRange(offset, 0, bytes.Length - destination.Length);
        bytes.AsSpan((int)offset, destination.Length).CopyTo(destination.Span);
        return ValueTask.CompletedTask;
    }
}
