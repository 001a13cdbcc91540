using System.Diagnostics;
using CoreSrl.Plugins.LocalStorage;

namespace CoreSrl.Benchmarks.Checkpoint;

/// <summary>What the machine itself needs to copy, write and read a workload's bytes: nothing can be quicker for long.</summary>
internal static class PlainBytes
{
    private const int PieceLength = 16 << 20;

    /// <summary>Memory of the same lengths whose pages are there already.</summary>
    public static IReadOnlyList<Memory<byte>> Touched(IReadOnlyList<Memory<byte>> like) =>
        [.. like.Select(window =>
        {
            var memory = GC.AllocateUninitializedArray<byte>(window.Length, pinned: true);
            memory.AsSpan().Fill(1);
            return memory.AsMemory();
        })];

    /// <summary>Copies with one thread; a span's copy is the runtime's memmove, as Buffer.MemoryCopy is.</summary>
    public static TimeSpan Copy(IReadOnlyList<Memory<byte>> from, IReadOnlyList<Memory<byte>> to)
    {
        var clock = Stopwatch.StartNew();
        for (var index = 0; index < from.Count; index++)
            from[index].Span.CopyTo(to[index].Span);
        return clock.Elapsed;
    }

    /// <summary>Writes one new file from start to end and waits until it and its name are on the disk.</summary>
    public static TimeSpan Write(string path, IReadOnlyList<Memory<byte>> from)
    {
        var clock = Stopwatch.StartNew();
        using (var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write))
        {
            var offset = 0L;
            foreach (var window in from)
            {
                RandomAccess.Write(file, window.Span, offset);
                offset += window.Length;
            }

            DurableFolder.FlushFile(file, path);
        }

        DurableFolder.Flush(Path.GetDirectoryName(path)!);
        return clock.Elapsed;
    }

    /// <summary>Waits until a file and its name are on the disk.</summary>
    public static TimeSpan Flush(string path)
    {
        var clock = Stopwatch.StartNew();
        using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite))
            DurableFolder.FlushFile(file, path);
        DurableFolder.Flush(Path.GetDirectoryName(path)!);
        return clock.Elapsed;
    }

    /// <summary>Reads a file into memory with so many threads.</summary>
    public static TimeSpan Read(string path, IReadOnlyList<Memory<byte>> to, int threads)
    {
        var pieces = Pieces(to).ToList();
        var clock = Stopwatch.StartNew();
        using (var file = File.OpenHandle(path))
        {
            if (threads == 1)
                pieces.ForEach(Read);
            else
                Parallel.ForEach(pieces, new ParallelOptions { MaxDegreeOfParallelism = threads }, Read);

            void Read((long Offset, Memory<byte> Memory) piece)
            {
                for (var done = 0; done < piece.Memory.Length;)
                {
                    var read = RandomAccess.Read(file, piece.Memory.Span[done..], piece.Offset + done);
                    done += read > 0 ? read : throw new EndOfStreamException(path);
                }
            }
        }

        return clock.Elapsed;
    }

    private static IEnumerable<(long Offset, Memory<byte> Memory)> Pieces(IReadOnlyList<Memory<byte>> windows)
    {
        var start = 0L;
        foreach (var window in windows)
        {
            for (var done = 0; done < window.Length; done += PieceLength)
                yield return (start + done, window.Slice(done, Math.Min(PieceLength, window.Length - done)));
            start += window.Length;
        }
    }
}
