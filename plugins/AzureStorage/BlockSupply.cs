using System.Buffers;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.AzureStorage;

/// <summary>Where an upload has its blocks from.</summary>
internal abstract class BlockSupply
{
    /// <summary>Blocks that lie in memory; they are sent from there.</summary>
    public static BlockSupply Of(ReadOnlySequence<byte> content) => new Given(content);

    /// <summary>Blocks that are fetched when their turn comes, each into a buffer of its own, which serves the next one afterwards.</summary>
    public static BlockSupply Of(IByteSource content) => new Fetched(content);

    /// <summary>All of them, where they lie in memory.</summary>
    public virtual ReadOnlySequence<byte>? InMemory => null;

    /// <summary>Has a block's bytes sent.</summary>
    /// <param name="offset">Where the block begins in the object.</param>
    /// <param name="length">Its length.</param>
    /// <param name="send">Sends them. Afterwards they are no longer its.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public abstract Task<T> SendAsync<T>(long offset, int length, Func<ReadOnlySequence<byte>, Task<T>> send, CancellationToken cancellationToken);

    private sealed class Given(ReadOnlySequence<byte> content) : BlockSupply
    {
        public override ReadOnlySequence<byte>? InMemory => content;

        public override Task<T> SendAsync<T>(long offset, int length, Func<ReadOnlySequence<byte>, Task<T>> send, CancellationToken cancellationToken) =>
            send(content.Slice(offset, length));
    }

    private sealed class Fetched(IByteSource content) : BlockSupply
    {
        public override async Task<T> SendAsync<T>(long offset, int length, Func<ReadOnlySequence<byte>, Task<T>> send, CancellationToken cancellationToken)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(length);
            try
            {
                var block = buffer.AsMemory(0, length);
                if (length > 0)
                    await content.ReadAsync(offset, block, cancellationToken).ConfigureAwait(false);
                return await send(new(block)).ConfigureAwait(false);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }
}
