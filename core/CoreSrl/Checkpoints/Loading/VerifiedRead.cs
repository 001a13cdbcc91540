using System.Buffers;
using System.IO.Hashing;
using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints.Loading;

/// <summary>Where a range of a file belongs: a tensor's bytes.</summary>
/// <param name="Offset">Where the tensor begins in the file, in bytes.</param>
/// <param name="Tensor">The live tensor.</param>
internal readonly record struct TensorPlace(long Offset, StateTensor Tensor)
{
    public long End => Offset + Tensor.Info.ByteLength;
}

/// <summary>
/// Reads a file of a checkpoint part by part, several at once, and compares each part with its digest while it is in the processor's
/// cache. Tensors' bytes go straight into their place.
/// </summary>
/// <param name="storage">Where the file is.</param>
/// <param name="key">Its key.</param>
/// <param name="expected">What was written.</param>
internal sealed class VerifiedRead(ICheckpointStorage storage, string key, FileRecord expected)
{
    /// <summary>What is read from a disk in one call; it should fit into the processor's cache. Over a network every call costs a
    /// round trip, and a storage splits a long read by itself: there, a whole part.</summary>
    private const int LocalReadLength = 2 << 20;

    /// <summary>Tensors shorter than this are read together and then put in place.</summary>
    private const int DirectFrom = 256 << 10;

    /// <summary>How many parts are read at a time: a network answers slowly, a disk does not.</summary>
    private const int RemoteReads = 8;

    private readonly int _readLength = storage.Capabilities.IsLocal ? LocalReadLength : FileRecord.PartLength;

    /// <summary>Reads the whole file to see whether it is what was written.</summary>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    /// <exception cref="StorageException">It cannot be read.</exception>
    public Task<string?> CheckAsync(CancellationToken cancellationToken) => ReadAsync([], cancellationToken);

    /// <summary>Reads the whole file and puts the tensors' bytes into their place. When something is wrong, they are part-way.</summary>
    /// <param name="places">Where tensors lie in the file, in the order of their offsets; none overlaps another.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>What is wrong with the file; null when nothing is.</returns>
    /// <exception cref="StorageException">It cannot be read.</exception>
    public async Task<string?> ReadAsync(IReadOnlyList<TensorPlace> places, CancellationToken cancellationToken)
    {
        var problems = new string?[expected.PieceCount];
        var parallel = new ParallelOptions
        {
            CancellationToken = cancellationToken,
            MaxDegreeOfParallelism = storage.Capabilities.IsLocal ? Environment.ProcessorCount : RemoteReads,
        };
        await Parallel.ForAsync(0, expected.PieceCount, parallel, async (index, token) =>
        {
            var (offset, length, digest) = expected.Piece(index);
            var found = await ReadPieceAsync(places, offset, offset + length, token).ConfigureAwait(false);
            if (found != digest)
                problems[index] = expected.PieceCount == 1 ? $"has the digest {found}; {digest} was written" : $"has the digest {found} from byte {offset} to {offset + length}; {digest} was written";
        }).ConfigureAwait(false);
        return problems.FirstOrDefault(problem => problem is not null);
    }

    private async Task<string> ReadPieceAsync(IReadOnlyList<TensorPlace> places, long start, long end, CancellationToken cancellationToken)
    {
        var hash = new XxHash128();
        var next = FirstAt(places, start);
        byte[]? scratch = null;
        try
        {
            while (start < end)
            {
                while (next < places.Count && places[next].End <= start)
                    next++;
                var length = (int)Math.Min(_readLength, end - start);
                if (next < places.Count && Direct(places[next], start, end) is { IsEmpty: false } memory)
                {
                    await storage.ReadAsync(key, start, memory, cancellationToken).ConfigureAwait(false);
                    hash.Append(memory.Span);
                    start += memory.Length;
                    continue;
                }

                // Up to where a long tensor begins: from there on bytes go straight into their place.
                for (var place = next; place < places.Count && places[place].Offset < start + length; place++)
                {
                    if (places[place].Offset > start && places[place].Tensor.Info.ByteLength >= DirectFrom)
                        length = (int)(places[place].Offset - start);
                }

                scratch ??= ArrayPool<byte>.Shared.Rent((int)Math.Min(_readLength, end - start));
                var bytes = scratch.AsMemory(0, length);
                await storage.ReadAsync(key, start, bytes, cancellationToken).ConfigureAwait(false);
                hash.Append(bytes.Span);
                Put(places, next, start, bytes.Span);
                start += length;
            }
        }
        finally
        {
            if (scratch is not null)
                ArrayPool<byte>.Shared.Return(scratch);
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <summary>The memory of the tensor at a position, as far as one read goes; empty where it is short or cannot be addressed.</summary>
    private Memory<byte> Direct(TensorPlace place, long start, long end)
    {
        if (place.Offset > start)
            return default;
        var length = (int)Math.Min(Math.Min(_readLength, end - start), place.End - start);
        return length >= DirectFrom && place.Tensor.TryGetMemory(start - place.Offset, length, out var memory) ? memory : default;
    }

    private static void Put(IReadOnlyList<TensorPlace> places, int first, long start, ReadOnlySpan<byte> bytes)
    {
        for (var index = first; index < places.Count && places[index].Offset < start + bytes.Length; index++)
        {
            var place = places[index];
            var from = Math.Max(place.Offset, start);
            var to = Math.Min(place.End, start + bytes.Length);
            if (from < to)
                place.Tensor.CopyFrom(from - place.Offset, bytes[(int)(from - start)..(int)(to - start)]);
        }
    }

    /// <summary>The first place that ends behind a position.</summary>
    private static int FirstAt(IReadOnlyList<TensorPlace> places, long position)
    {
        var (low, high) = (0, places.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (places[middle].End <= position)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
