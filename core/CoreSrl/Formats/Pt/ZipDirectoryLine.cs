using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace CoreSrl.Formats.Pt;

/// <summary>What a zip archive's directory says about one entry; sizes and offset are not negative.</summary>
internal readonly record struct ZipDirectoryLine(
    string Name, ushort Flags, ushort Method, uint Crc, long CompressedLength, long Length, long HeaderOffset)
{
    /// <summary>Whether the entry is encrypted.</summary>
    public bool IsUnreadable => (Flags & ZipFormat.UnreadableFlags) != 0;

    /// <summary>Reads the line at the start of <paramref name="bytes"/>; false if there is none that makes sense.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ZipDirectoryLine line, out int read)
    {
        line = default;
        read = 0;
        if (bytes.Length < ZipFormat.CentralLength || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != ZipFormat.CentralSignature)
            return false;
        var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(bytes[28..]);
        var extraLength = BinaryPrimitives.ReadUInt16LittleEndian(bytes[30..]);
        var commentLength = BinaryPrimitives.ReadUInt16LittleEndian(bytes[32..]);
        read = ZipFormat.CentralLength + nameLength + extraLength + commentLength;
        if (bytes.Length < read || BinaryPrimitives.ReadUInt16LittleEndian(bytes[34..]) != 0)
            return false;
        var name = bytes.Slice(ZipFormat.CentralLength, nameLength);
        if (!Utf8.IsValid(name))
            return false;

        // A size or offset that does not fit in 32 bits stands in the extra field, in this order (APPNOTE 4.5.3).
        var wide = Zip64Values(bytes.Slice(ZipFormat.CentralLength + nameLength, extraLength));
        if (!TryWiden(BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]), ref wide, out var length)
            || !TryWiden(BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]), ref wide, out var compressedLength)
            || !TryWiden(BinaryPrimitives.ReadUInt32LittleEndian(bytes[42..]), ref wide, out var headerOffset))
        {
            return false;
        }

        line = new ZipDirectoryLine(
            Encoding.UTF8.GetString(name),
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[10..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]),
            compressedLength,
            length,
            headerOffset);
        return true;
    }

    private static ReadOnlySpan<byte> Zip64Values(ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= ZipFormat.ExtraHeaderLength)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (extra.Length < ZipFormat.ExtraHeaderLength + length)
                break;
            if (BinaryPrimitives.ReadUInt16LittleEndian(extra) == ZipFormat.Zip64Extra)
                return extra.Slice(ZipFormat.ExtraHeaderLength, length);
            extra = extra[(ZipFormat.ExtraHeaderLength + length)..];
        }

        return [];
    }

    private static bool TryWiden(uint narrow, ref ReadOnlySpan<byte> wide, out long value)
    {
        value = narrow;
        if (narrow != ZipFormat.Elsewhere32)
            return true;
        if (wide.Length < sizeof(long))
            return false;
        value = BinaryPrimitives.ReadInt64LittleEndian(wide);
        wide = wide[sizeof(long)..];
        return value >= 0;
    }
}
