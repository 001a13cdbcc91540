using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using CoreSrl.Abstractions;

namespace CoreSrl.Formats.Pt;

/// <summary>
/// The directory of a zip archive whose entries are stored, as PyTorch writes it: no comment, nothing before, between or behind
/// what the directory names but headers. It allocates no more than the directory's own size, a small multiple of it at most.
/// </summary>
internal sealed class StoredZipReader
{
    private const string Remedy = "Restore the file from a good copy, or save it again with torch.save";

    private readonly IByteSource _source;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    private StoredZipReader(IByteSource source) => _source = source;

    /// <summary>The entries' names.</summary>
    public IReadOnlyCollection<string> Names => _entries.Keys;

    /// <summary>Reads and checks the directory.</summary>
    /// <exception cref="CheckpointFormatException">There is none at the end of the file, or it contradicts itself.</exception>
    public static async ValueTask<StoredZipReader> OpenAsync(IByteSource source, CancellationToken cancellationToken)
    {
        var zip = new StoredZipReader(source);
        var (offset, length, count) = await zip.FindDirectoryAsync(cancellationToken).ConfigureAwait(false);
        if (length > Array.MaxLength)
            throw zip.Refuse($"its directory takes {length} bytes");
        var directory = new byte[length];
        await source.ReadAsync(offset, directory, cancellationToken).ConfigureAwait(false);
        zip.ReadDirectory(directory, offset, count);
        return zip;
    }

    public bool Contains(string name) => _entries.ContainsKey(name);

    /// <summary>The size of an entry's content in bytes.</summary>
    public long LengthOf(string name) => _entries[name].Length;

    /// <summary>Where an entry's content begins in the file; its header there is checked.</summary>
    /// <exception cref="CheckpointFormatException">The header is not there or contradicts the directory.</exception>
    public async ValueTask<long> LocateAsync(string name, CancellationToken cancellationToken)
    {
        var entry = _entries[name];
        var nameLength = Encoding.UTF8.GetByteCount(name);
        var header = new byte[ZipFormat.LocalLength + nameLength];
        await _source.ReadAsync(entry.HeaderOffset, header, cancellationToken).ConfigureAwait(false);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != ZipFormat.LocalSignature
            || BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(26)) != nameLength
            || Encoding.UTF8.GetString(header.AsSpan(ZipFormat.LocalLength)) != name)
        {
            throw Refuse($"entry '{name}' has no header at byte {entry.HeaderOffset}");
        }

        var start = entry.HeaderOffset + header.Length + BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(28));
        return start + entry.Length <= entry.Limit
            ? start
            : throw Refuse($"entry '{name}' reaches into the one behind it");
    }

    /// <summary>An entry's content.</summary>
    /// <exception cref="CheckpointFormatException">It is longer than <paramref name="maxLength"/>, or its CRC-32 is not the one that
    /// the directory says.</exception>
    public async ValueTask<byte[]> ReadAsync(string name, int maxLength, CancellationToken cancellationToken)
    {
        var entry = _entries[name];
        if (entry.Length > maxLength)
            throw Refuse($"entry '{name}' takes {entry.Length} bytes; more than {maxLength} are not plausible");
        var start = await LocateAsync(name, cancellationToken).ConfigureAwait(false);
        var content = new byte[entry.Length];
        await _source.ReadAsync(start, content, cancellationToken).ConfigureAwait(false);
        return Crc32.HashToUInt32(content) == entry.Crc
            ? content
            : throw Refuse($"the CRC-32 of entry '{name}' is wrong: its bytes have changed");
    }

    private async ValueTask<(long Offset, long Length, long Count)> FindDirectoryAsync(CancellationToken cancellationToken)
    {
        var tail = new byte[Math.Min(_source.Length, ZipFormat.End64Length + ZipFormat.Locator64Length + ZipFormat.EndLength)];
        await _source.ReadAsync(_source.Length - tail.Length, tail, cancellationToken).ConfigureAwait(false);
        var (directory, end) = ParseEnd(tail);
        return directory.Offset >= 0 && directory.Length >= 0 && directory.Length <= end && directory.Offset == end - directory.Length
            && directory.Count >= 0 && directory.Count <= directory.Length / ZipFormat.CentralLength
            ? directory
            : throw Refuse("the zip directory is not where the end of the archive says");
    }

    /// <summary>The directory's place as the end records say it, and where those records begin.</summary>
    private ((long Offset, long Length, long Count) Directory, long End) ParseEnd(ReadOnlySpan<byte> tail)
    {
        if (tail.Length < ZipFormat.EndLength
            || BinaryPrimitives.ReadUInt32LittleEndian(tail[^ZipFormat.EndLength..]) != ZipFormat.EndSignature
            || BinaryPrimitives.ReadUInt16LittleEndian(tail[^2..]) != 0)
        {
            throw Refuse("it does not end as a zip archive does: it is truncated, or something follows it");
        }

        var record = tail[^ZipFormat.EndLength..];
        var count = BinaryPrimitives.ReadUInt16LittleEndian(record[10..]);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(record[12..]);
        var offset = BinaryPrimitives.ReadUInt32LittleEndian(record[16..]);
        if (record[4..8].ContainsAnyExcept((byte)0) || BinaryPrimitives.ReadUInt16LittleEndian(record[8..]) != count)
            throw Refuse("it is one part of a zip archive in several files");

        var before = tail[..^ZipFormat.EndLength];
        var end = _source.Length - ZipFormat.EndLength;
        if (before.Length < ZipFormat.Locator64Length + ZipFormat.End64Length
            || BinaryPrimitives.ReadUInt32LittleEndian(before[^ZipFormat.Locator64Length..]) != ZipFormat.Locator64Signature)
        {
            return ((offset, length, count), end);
        }

        end -= ZipFormat.Locator64Length + ZipFormat.End64Length;
        if (BinaryPrimitives.ReadInt64LittleEndian(before[^(ZipFormat.Locator64Length - 8)..]) != end
            || BinaryPrimitives.ReadUInt32LittleEndian(before) != ZipFormat.End64Signature)
        {
            throw Refuse("the 64-bit end record of the zip archive is not where it should be");
        }

        var count64 = BinaryPrimitives.ReadInt64LittleEndian(before[32..]);
        var length64 = BinaryPrimitives.ReadInt64LittleEndian(before[40..]);
        var offset64 = BinaryPrimitives.ReadInt64LittleEndian(before[48..]);
        if ((count != ZipFormat.Elsewhere16 && count != count64)
            || (length != ZipFormat.Elsewhere32 && length != length64)
            || (offset != ZipFormat.Elsewhere32 && offset != offset64))
        {
            throw Refuse("the two end records of the zip archive contradict each other");
        }

        return ((offset64, length64, count64), end);
    }

    private void ReadDirectory(ReadOnlySpan<byte> directory, long directoryOffset, long count)
    {
        var found = new List<(string Name, Entry Entry)>();
        for (var i = 0L; i < count; i++)
        {
            if (!ZipDirectoryLine.TryRead(directory, out var line, out var read))
                throw Refuse($"line {i + 1} of the zip directory is damaged");
            directory = directory[read..];
            if (line.IsUnreadable)
                throw Refuse($"entry '{line.Name}' is encrypted");
            if (line.Method != 0 || line.CompressedLength != line.Length)
                throw Refuse($"entry '{line.Name}' is compressed (method {line.Method}); PyTorch stores its entries uncompressed");
            found.Add((line.Name, new Entry(line.HeaderOffset, line.Length, line.Crc, directoryOffset)));
        }

        if (!directory.IsEmpty)
            throw Refuse($"{directory.Length} bytes follow the last line of the zip directory");
        AddWithoutOverlap(found);
    }

    /// <summary>No two entries may share bytes: otherwise a small file could unfold to a large one.</summary>
    private void AddWithoutOverlap(List<(string Name, Entry Entry)> found)
    {
        found.Sort((left, right) => right.Entry.HeaderOffset.CompareTo(left.Entry.HeaderOffset));
        var limit = found.Count == 0 ? 0 : found[0].Entry.Limit;
        foreach (var (name, entry) in found)
        {
            var shortest = ZipFormat.LocalLength + Encoding.UTF8.GetByteCount(name);
            if (entry.HeaderOffset > limit - shortest || entry.Length > limit - shortest - entry.HeaderOffset)
                throw Refuse($"entry '{name}' reaches into the one behind it");
            if (!_entries.TryAdd(name, entry with { Limit = limit }))
                throw Refuse($"there are two entries '{name}'");
            limit = entry.HeaderOffset;
        }
    }

    private CheckpointFormatException Refuse(string problem) => new(_source.Name, problem, Remedy);

    /// <param name="HeaderOffset">Where the header before the content begins.</param>
    /// <param name="Length">The content's size in bytes.</param>
    /// <param name="Crc">The content's CRC-32.</param>
    /// <param name="Limit">Where the next entry, or the directory, begins.</param>
    private sealed record Entry(long HeaderOffset, long Length, uint Crc, long Limit);
}
