using System.Buffers;

namespace CoreSrl.Testing;

/// <summary>Content in separate pieces of memory, as a checkpoint's tensors are.</summary>
internal sealed class Segments : ReadOnlySequenceSegment<byte>
{
    private Segments(ReadOnlyMemory<byte> memory, long start)
    {
        Memory = memory;
        RunningIndex = start;
    }

    /// <summary>Bytes cut in random places, with empty pieces among them.</summary>
    public static ReadOnlySequence<byte> Cut(byte[] content, Random random)
    {
        List<ReadOnlyMemory<byte>> pieces = [];
        for (var at = 0; at < content.Length;)
        {
            var length = Math.Min(random.Next(2 + (content.Length / 3)), content.Length - at);
            pieces.Add(content.AsMemory(at, length));
            at += length;
        }

        return Of([.. pieces, ReadOnlyMemory<byte>.Empty]);
    }

    /// <summary>One block again and again, up to a length: content of any size in the memory of one block.</summary>
    public static ReadOnlySequence<byte> Repeated(ReadOnlyMemory<byte> block, long length)
    {
        var whole = Enumerable.Repeat(block, (int)(length / block.Length));
        return Of([.. whole, block[..(int)(length % block.Length)]]);
    }

    private static ReadOnlySequence<byte> Of(IReadOnlyList<ReadOnlyMemory<byte>> pieces)
    {
        var first = new Segments(pieces[0], 0);
        var last = first;
        foreach (var piece in pieces.Skip(1))
        {
            var next = new Segments(piece, last.RunningIndex + last.Memory.Length);
            last.Next = next;
            last = next;
        }

        return new(first, 0, last, last.Memory.Length);
    }
}
