using System.Buffers;

namespace CoreSrl.Formats;

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
    /// <exception cref="ArgumentException">Two tensors have one name.</exception>
    public static ReadOnlySequence<byte> Write(IEnumerable<TensorBytes> tensors)
    {
        var all = tensors.ToArray();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tensor in all)
        {
            if (!names.Add(tensor.Info.Name))
                throw new ArgumentException($"There is a second tensor '{tensor.Info.Name}'.", nameof(tensors));
        }

        var zip = new StoredZipWriter();
        zip.Add("archive/data.pkl", new(StateDictPickle.Write(Array.ConvertAll(all, tensor => tensor.Info))));
        zip.Add("archive/byteorder", new("little"u8.ToArray()));
        for (var i = 0; i < all.Length; i++)
            zip.Add($"archive/data/{i}", all[i].Content);
        zip.Add("archive/version", new("3\n"u8.ToArray()));
        return zip.Build();
    }
}
