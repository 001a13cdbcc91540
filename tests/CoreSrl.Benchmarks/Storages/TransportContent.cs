using System.Buffers;

namespace CoreSrl.Benchmarks.Storages;

/// <summary>The bytes that are brought up and down: in memory, and as a file in memory for those that take files.</summary>
internal sealed class TransportContent : IDisposable
{
    private readonly DirectoryInfo _folder;

    public TransportContent(int length)
    {
        Sent = GC.AllocateUninitializedArray<byte>(length, pinned: true);
        new Random(7).NextBytes(Sent);
        Received = GC.AllocateArray<byte>(length, pinned: true);
        // What is not of the matter, a disk, is left out where the system offers that.
        _folder = Directory.Exists("/dev/shm") ? Directory.CreateDirectory($"/dev/shm/srl-benchmark-{Guid.NewGuid():n}") : Directory.CreateTempSubdirectory("srl-benchmark-");
        File.WriteAllBytes(SentFile, Sent);
    }

    public byte[] Sent { get; }

    /// <summary>Where they come back to; its memory is there already.</summary>
    public byte[] Received { get; }

    public string SentFile => Path.Combine(_folder.FullName, "sent");

    public string ReceivedFile => Path.Combine(_folder.FullName, "received");

    /// <summary>The sent bytes in pieces, as a checkpoint's tensors are.</summary>
    public ReadOnlySequence<byte> Pieces => Piece.Chain(Sent, 64 << 20);

    /// <summary>Forgets what came back.</summary>
    public void Clear()
    {
        Received.AsSpan().Clear();
        File.Delete(ReceivedFile);
    }

    /// <summary>Whether what came back, in memory or as a file, is what was sent.</summary>
    public bool IsBack => (File.Exists(ReceivedFile) ? File.ReadAllBytes(ReceivedFile) : Received).AsSpan().SequenceEqual(Sent);

    public void Dispose() => _folder.Delete(recursive: true);

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        private Piece(ReadOnlyMemory<byte> memory, long start)
        {
            Memory = memory;
            RunningIndex = start;
        }

        public static ReadOnlySequence<byte> Chain(byte[] content, int length)
        {
            var first = new Piece(content.AsMemory(0, Math.Min(length, content.Length)), 0);
            var last = first;
            for (var start = length; start < content.Length; start += length)
            {
                var next = new Piece(content.AsMemory(start, Math.Min(length, content.Length - start)), start);
                last.Next = next;
                last = next;
            }

            return new(first, 0, last, last.Memory.Length);
        }
    }
}
