using System.Buffers;
using System.Security.Cryptography;

namespace CoreSrl.Plugins.AzureStorage;

/// <summary>The MD5 digests that blocks travel with: not against forgers, who could change them too, but against broken networks and
/// memories; servers know no other everywhere.</summary>
internal sealed class BlockDigests : IDisposable
{
    /// <summary>How many are made at a time. If all were, none would be sent until all are ready, and the network would stand still.</summary>
    private readonly SemaphoreSlim _turns = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>The digests of one object's blocks.</summary>
    /// <param name="content">Where they come from.</param>
    /// <param name="blockLength">The length of each but the last.</param>
    /// <param name="cancellationToken">Ends them early.</param>
    public ForObject For(BlockSupply content, int blockLength, CancellationToken cancellationToken) => new(this, content.InMemory, blockLength, cancellationToken);

    public void Dispose() => _turns.Dispose();

    private async Task<T> TakeTurnAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(work, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turns.Release();
        }
    }

    private static byte[] Digest(ReadOnlySequence<byte> block)
    {
#pragma warning disable CA5351 // What it is for is told above.
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
        foreach (var segment in block)
            md5.AppendData(segment.Span);
        return md5.GetHashAndReset();
    }

    /// <summary>Blocks that lie in memory are digested several at once, when the first of them is asked for. Once this is disposed,
    /// nothing looks at that memory any more.</summary>
    public sealed class ForObject : IAsyncDisposable
    {
        private readonly BlockDigests _owner;
        private readonly int _blockLength;
        private readonly Lazy<Task<byte[][]>>[] _groups = [];

        internal ForObject(BlockDigests owner, ReadOnlySequence<byte>? content, int blockLength, CancellationToken cancellationToken)
        {
            _owner = owner;
            _blockLength = blockLength;
            if (content is not { } bytes || !InterleavedMd5.IsFaster)
                return;
            var groupLength = (long)InterleavedMd5.Lanes * blockLength;
            _groups = new Lazy<Task<byte[][]>>[bytes.Length / groupLength];
            for (var group = 0; group < _groups.Length; group++)
            {
                var blocks = bytes.Slice(group * groupLength, groupLength);
                _groups[group] = new(() => _owner.TakeTurnAsync(() => DigestsOf(blocks), cancellationToken));
            }
        }

        /// <summary>A block's digest.</summary>
        /// <param name="index">Which it is.</param>
        /// <param name="block">Its bytes.</param>
        /// <param name="cancellationToken">Ends it early.</param>
        public async Task<byte[]> OfAsync(int index, ReadOnlySequence<byte> block, CancellationToken cancellationToken)
        {
            var (group, lane) = Math.DivRem(index, InterleavedMd5.Lanes);
            return group < _groups.Length
                ? (await _groups[group].Value.WaitAsync(cancellationToken).ConfigureAwait(false))[lane]
                : await _owner.TakeTurnAsync(() => Digest(block), cancellationToken).ConfigureAwait(false);
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var group in _groups.Where(group => group.IsValueCreated))
                await ((Task)group.Value).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        private byte[][] DigestsOf(ReadOnlySequence<byte> blocks)
        {
            var lanes = new ReadOnlySequence<byte>[InterleavedMd5.Lanes];
            for (var lane = 0; lane < lanes.Length; lane++)
                lanes[lane] = blocks.Slice((long)lane * _blockLength, _blockLength);
            return InterleavedMd5.Of(lanes);
        }
    }
}
