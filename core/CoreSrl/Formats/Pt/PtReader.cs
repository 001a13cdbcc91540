using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using CoreSrl.Abstractions;

namespace CoreSrl.Formats.Pt;

/// <summary>
/// Reads the table of a file that <c>torch.save</c> wrote (PyTorch 1.6 or later): a state dict, or dicts, lists and tuples with
/// tensors in them. A nested tensor's name is its path, <c>optimizer.state.0.exp_avg</c>. Other values are checked and passed over.
/// </summary>
public static class PtReader
{
    private const string Remedy = "Save it again with torch.save of a current PyTorch";

    // The first bytes of a file written before 1.6: pickle protocol 2 and the number 0x1950a86a20f9469cfc6c.
    private static ReadOnlySpan<byte> LegacyStart => [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

    /// <summary>
    /// Reads and checks the table: the archive's directory, its <c>data.pkl</c>, and the header of each storage (a small read each;
    /// over a network, read the file as a whole and use a <see cref="SequenceSource"/>). Tensors may share bytes: tied weights, views.
    /// </summary>
    /// <exception cref="CheckpointFormatException">It is no such file, it is damaged, or it holds anything but tensors, plain values
    /// and containers of them.</exception>
    public static async ValueTask<TensorFile> OpenAsync(IByteSource source, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var start = new byte[Math.Min(source.Length, LegacyStart.Length)];
        await source.ReadAsync(0, start, cancellationToken).ConfigureAwait(false);
        if (LegacyStart.SequenceEqual(start))
            throw Refuse(source, "it is in PyTorch's pre-1.6 format, not a zip archive");

        var zip = await StoredZipReader.OpenAsync(source, cancellationToken).ConfigureAwait(false);
        var folder = FindFolder(source, zip);
        await CheckFormatAsync(source, zip, folder, cancellationToken).ConfigureAwait(false);
        var pickle = await zip.ReadAsync(folder + "data.pkl", StateDictPickle.MaxLength, cancellationToken).ConfigureAwait(false);
        var tensors = StateDictTree.Flatten(source.Name, PickleReader.Read(source.Name, pickle), pickle.Length);

        // By the key's identity: a pickle can give one key, however long, to any number of storages.
        var located = new Dictionary<string, (string Entry, long Start, long Length)>(ReferenceEqualityComparer.Instance);
        var table = ImmutableArray.CreateBuilder<StoredTensor>(tensors.Count);
        foreach (var (name, tensor) in tensors)
        {
            if (!located.TryGetValue(tensor.Storage.Key, out var place))
            {
                var entry = $"{folder}data/{tensor.Storage.Key}";
                if (!zip.Contains(entry))
                    throw Refuse(source, $"the storage of tensor '{name}', entry '{entry}', is missing");
                place = (entry, await zip.LocateAsync(entry, cancellationToken).ConfigureAwait(false), zip.LengthOf(entry));
                located.Add(tensor.Storage.Key, place);
            }

            table.Add(Place(source, name, tensor, place.Entry, place.Start, place.Length));
        }

        return new TensorFile(source, table.MoveToImmutable(), ImmutableDictionary<string, string>.Empty);
    }

    private static StoredTensor Place(
        IByteSource source, string name, PickleTensor tensor, string entry, long start, long length)
    {
        var size = tensor.Storage.Type.ElementSize();
        // A storage may end in less than one element (torch.save divides its bytes by the element's size).
        if (length / size != tensor.Storage.ElementCount)
        {
            throw Refuse(
                source,
                $"tensor '{name}' needs a storage of {tensor.Storage.ElementCount} elements of {size} bytes, "
                + $"but entry '{entry}' has {length} bytes");
        }

        try
        {
            var info = new TensorInfo(name, tensor.Storage.Type, tensor.Shape);
            return new StoredTensor(info, start + (tensor.Offset * size), tensor.Strides);
        }
        catch (OverflowException e)
        {
            // Only a tensor without elements can get here: the others lie inside their storage.
            throw new CheckpointFormatException(
                source.Name, $"the shape of tensor '{name}' overflows: [{string.Join(", ", tensor.Shape)}]", Remedy, e);
        }
    }

    /// <summary>All records lie in one folder, whose name is up to the writer.</summary>
    private static string FindFolder(IByteSource source, StoredZipReader zip)
    {
        var found = zip.Names.Where(name => name.EndsWith("/data.pkl", StringComparison.Ordinal)).ToArray();
        if (found is not [var name])
            throw Refuse(source, $"it is a zip archive with {found.Length} entries called data.pkl, so no file of torch.save");
        var folder = name[..^"data.pkl".Length];
        return zip.Contains(folder + "constants.pkl")
            ? throw Refuse(source, "it is a TorchScript program, not a state dict")
            : folder;
    }

    private static async ValueTask CheckFormatAsync(
        IByteSource source, StoredZipReader zip, string folder, CancellationToken cancellationToken)
    {
        // kMinSupportedFileFormatVersion and kMaxSupportedFileFormatVersion in caffe2/serialize/versions.h.
        var version = await ReadTextAsync(zip, folder + "version", cancellationToken).ConfigureAwait(false);
        if (!int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > 10)
            throw Refuse(source, $"its version is '{version}'; 1 to 10 are known");
        var order = await ReadTextAsync(zip, folder + "byteorder", cancellationToken).ConfigureAwait(false);
        if (order is not (null or "little"))
            throw Refuse(source, $"its byte order is '{order}'; only little-endian files are read");
    }

    private static async ValueTask<string?> ReadTextAsync(StoredZipReader zip, string name, CancellationToken cancellationToken) =>
        zip.Contains(name)
            ? Encoding.Latin1.GetString(await zip.ReadAsync(name, 16, cancellationToken).ConfigureAwait(false)).TrimEnd('\n')
            : null;

    private static CheckpointFormatException Refuse(IByteSource source, string problem) => new(source.Name, problem, Remedy);
}
