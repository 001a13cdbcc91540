using System.Buffers;
using System.Security.Cryptography;
using CoreSrl.Plugins.AzureStorage;

namespace CoreSrl.Storage.Tests.Azure;

/// <summary>Eight digests at once are those that the platform makes one by one.</summary>
public sealed class InterleavedMd5Tests
{
    // Around the ends of a block (64), of the padding (56) and of a stride (2048).
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(55)]
    [InlineData(56)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(2039)]
    [InlineData(2040)]
    [InlineData(2047)]
    [InlineData(2048)]
    [InlineData(2049)]
    [InlineData(100_001)]
    public void They_are_the_platforms(int length)
    {
        var messages = Messages(length);
        Assert.Equal(messages.Select(Expected), InterleavedMd5.Of([.. messages.Select(message => new ReadOnlySequence<byte>(message))]).Select(Convert.ToHexString));
    }

    [Fact]
    public void Bytes_in_pieces_are_the_same_bytes()
    {
        var messages = Messages(10_000);
        var pieces = messages.Select((message, lane) => Cut(message, 1 + (lane * 977))).ToArray();
        Assert.Equal(messages.Select(Expected), InterleavedMd5.Of(pieces).Select(Convert.ToHexString));
    }

    [Fact]
    public void Messages_of_several_lengths_are_refused()
    {
        var messages = Messages(10).Select((message, lane) => new ReadOnlySequence<byte>(message, 0, lane == 7 ? 9 : 10)).ToArray();
        Assert.Throws<ArgumentException>(() => InterleavedMd5.Of(messages));
        Assert.Throws<ArgumentOutOfRangeException>(() => InterleavedMd5.Of(messages[..7]));
    }

    [Fact]
    public async Task A_blocks_digest_is_its_own_wherever_it_lies()
    {
        const int blockLength = 1000;
        var content = Messages((int)(2.5 * InterleavedMd5.Lanes * blockLength))[0]; // Two whole groups and half of one.
        using var digests = new BlockDigests();
        foreach (var supply in new[] { BlockSupply.Of(Cut(content, 777)), BlockSupply.Of(new Fetching(content)) })
        {
            await using var ofObject = digests.For(supply, blockLength, default);
            for (var index = content.Length / blockLength; index-- > 0;)
            {
                var block = content[(index * blockLength)..((index + 1) * blockLength)];
                Assert.Equal(Expected(block), Convert.ToHexString(await ofObject.OfAsync(index, new(block), default)));
            }
        }
    }

    private static byte[][] Messages(int length)
    {
        var random = new Random(17);
        var messages = new byte[InterleavedMd5.Lanes][];
        foreach (ref var message in messages.AsSpan())
            random.NextBytes(message = new byte[length]);
        return messages;
    }

#pragma warning disable CA5351 // It is what the service knows.
    private static string Expected(byte[] message) => Convert.ToHexString(MD5.HashData(message));
#pragma warning restore CA5351

    private static ReadOnlySequence<byte> Cut(byte[] message, int pieceLength)
    {
        var first = new Piece(message.AsMemory(0, Math.Min(pieceLength, message.Length)), null);
        var last = first;
        for (var at = first.Memory.Length; at < message.Length; at += pieceLength)
            last = new(message.AsMemory(at, Math.Min(pieceLength, message.Length - at)), last);
        return new(first, 0, last, last.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? before)
        {
            Memory = memory;
            if (before is null)
                return;
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }

    private sealed class Fetching(byte[] content) : Abstractions.IByteSource
    {
        public string Name => "content";

        public long Length => content.Length;

        public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
        {
            content.AsMemory((int)offset, destination.Length).CopyTo(destination);
            return ValueTask.CompletedTask;
        }
    }
}
