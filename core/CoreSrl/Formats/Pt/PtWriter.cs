using System.Buffers;
using System.IO.Hashing;
using CoreSrl.Abstractions;

namespace CoreSrl.Formats.Pt;

/// <summary>
/// Lays tensors out as a PyTorch state dict, as <c>torch.save</c> has done since 1.6: a zip archive of stored entries aligned to
/// 64 bytes, whose <c>data.pkl</c> describes the tensors and whose <c>data/N</c> hold their elements. Every PyTorch from 1.6 on
/// reads it, with <c>weights_only=True</c> where it knows that, and can map it to memory.
/// </summary>
public static class PtWriter
{
    /// <summary>
    /// The whole file. The tensors' bytes are referred to, not copied; computing their CRC-32 is one pass over them. The same
    /// tensors make the same bytes.
    /// </summary>
    /// <param name="tensors">The state dict in its order; every tensor gets a storage of its own.</param>
    /// <exception cref="ArgumentException">Two tensors have one name, or there are so many (about 70,000) that
    /// <see cref="PtReader"/> would refuse their table.</exception>
    public static ReadOnlySequence<byte> Write(IEnumerable<TensorBytes> tensors)
    {
        var all = tensors.ToArray();
        var layout = Layout(Array.ConvertAll(all, tensor => tensor.Info), Array.ConvertAll(all, tensor => Checksum(tensor.Content)));
        var content = all.ToDictionary(tensor => tensor.Info.Name, tensor => tensor.Content, StringComparer.Ordinal);
        return layout.Fill(info => content[info.Name]);
    }

    /// <summary>
    /// The whole file, as a source that fetches the tensors' bytes when they are read. They are read once here, piece by piece, for
    /// their CRC-32 stands before them in the file, and must be the same when the file is read.
    /// </summary>
    /// <param name="name">What to call the file in messages.</param>
    /// <param name="tensors">The state dict in its order.</param>
    /// <param name="cancellationToken">Ends the pass over the tensors.</param>
    /// <exception cref="ArgumentException">As for <see cref="Write"/>; found before any tensor is read.</exception>
    public static async ValueTask<CompositeSource> ToSourceAsync(
        string name, IEnumerable<TensorSource> tensors, CancellationToken cancellationToken = default)
    {
        var all = tensors.ToArray();
        var infos = Array.ConvertAll(all, tensor => tensor.Info);
        var checksums = new uint[all.Length];
        Layout(infos, checksums);
        for (var i = 0; i < all.Length; i++)
            checksums[i] = await ChecksumAsync(all[i], cancellationToken).ConfigureAwait(false);
        var content = all.ToDictionary(tensor => tensor.Info.Name, StringComparer.Ordinal);
        return Layout(infos, checksums).ToSource(name, info => content[info.Name]);
    }

    private static TensorLayout Layout(TensorInfo[] tensors, uint[] checksums)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tensor in tensors)
        {
            if (!names.Add(tensor.Name))
                throw new ArgumentException($"There is a second tensor '{tensor.Name}'.", nameof(tensors));
        }

        var zip = new StoredZipLayout();
        zip.Add("archive/data.pkl", StateDictPickle.Write(tensors));
        zip.Add("archive/byteorder", "little"u8.ToArray());
        for (var i = 0; i < tensors.Length; i++)
            zip.Add($"archive/data/{i}", tensors[i].ByteLength, checksums[i]);
        zip.Add("archive/version", "3\n"u8.ToArray());
        return new TensorLayout(tensors, zip.Build());
    }

    private static uint Checksum(ReadOnlySequence<byte> content)
    {
        var crc = new Crc32();
        foreach (var piece in content)
            crc.Append(piece.Span);
        return crc.GetCurrentHashAsUInt32();
    }

    private static async ValueTask<uint> ChecksumAsync(TensorSource tensor, CancellationToken cancellationToken)
    {
        var crc = new Crc32();
        await foreach (var piece in SourcePieces.ReadAsync(tensor, cancellationToken).ConfigureAwait(false))
            crc.Append(piece.Span);
        return crc.GetCurrentHashAsUInt32();
    }
}
