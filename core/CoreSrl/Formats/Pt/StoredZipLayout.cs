using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text;

namespace CoreSrl.Formats.Pt;

/// <summary>
/// Lays out a zip archive of stored (uncompressed) entries, each beginning at a multiple of 64 bytes. The same entries make the
/// same bytes. The 64-bit end record is always written, as PyTorch does; 64-bit sizes and offsets of entries where 32 bits do not
/// suffice.
/// </summary>
internal sealed class StoredZipLayout
{
    private readonly ArrayBufferWriter<byte> _central = new();
    private readonly ArrayBufferWriter<byte> _piece = new();
    private readonly ImmutableArray<ReadOnlyMemory<byte>>.Builder _pieces = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>();
    private long _entries;
    private long _length;

    /// <summary>Appends an entry with its content; its name is ASCII and new.</summary>
    public void Add(string name, ReadOnlyMemory<byte> content)
    {
        AddHeader(name, content.Length, Crc32.HashToUInt32(content.Span));
        Write(content.Span);
    }

    /// <summary>Appends an entry whose content is left out: a new piece of the archive begins behind it.</summary>
    /// <param name="name">ASCII and new.</param>
    /// <param name="length">The content's size in bytes.</param>
    /// <param name="crc">The content's CRC-32, which stands in the header before it.</param>
    public void Add(string name, long length, uint crc)
    {
        AddHeader(name, length, crc);
        EndPiece();
        _length = checked(_length + length);
    }

    /// <summary>
    /// The archive with its directory, in pieces: what lies before, between and behind the contents that were left out. Nothing may be
    /// added afterwards.
    /// </summary>
    public ImmutableArray<ReadOnlyMemory<byte>> Build()
    {
        var directory = _length;
        Write(_central.WrittenSpan);
        Write(EndRecords(directory, _central.WrittenCount));
        EndPiece();
        return _pieces.ToImmutable();
    }

    private void AddHeader(string name, long length, uint crc)
    {
        var entry = new Entry(Encoding.ASCII.GetBytes(name), crc, length, _length);
        Write(entry.LocalHeader());
        _central.Write(entry.CentralHeader());
        _entries++;
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _piece.Write(bytes);
        _length += bytes.Length;
    }

    private void EndPiece()
    {
        _pieces.Add(_piece.WrittenSpan.ToArray());
        _piece.ResetWrittenCount();
    }

    private byte[] EndRecords(long directory, long directoryLength)
    {
        var fields = new LittleEndianFields(ZipFormat.End64Length + ZipFormat.Locator64Length + ZipFormat.EndLength);
        fields.Add32(ZipFormat.End64Signature);
        fields.Add64(ZipFormat.End64Length - 12);
        fields.Add16(ZipFormat.Version45);
        fields.Add16(ZipFormat.Version45);
        fields.Add32(0);
        fields.Add32(0);
        fields.Add64(_entries);
        fields.Add64(_entries);
        fields.Add64(directoryLength);
        fields.Add64(directory);

        fields.Add32(ZipFormat.Locator64Signature);
        fields.Add32(0);
        fields.Add64(directory + directoryLength);
        fields.Add32(1);

        fields.Add32(ZipFormat.EndSignature);
        fields.Add32(0);
        fields.Add16((ushort)Math.Min(_entries, ZipFormat.Elsewhere16));
        fields.Add16((ushort)Math.Min(_entries, ZipFormat.Elsewhere16));
        fields.Add32((uint)Math.Min(directoryLength, ZipFormat.Elsewhere32));
        fields.Add32((uint)Math.Min(directory, ZipFormat.Elsewhere32));
        fields.Add16(0);
        return fields.ToArray();
    }

    private sealed record Entry(byte[] Name, uint Crc, long Length, long Offset)
    {
        private bool LengthIs64 => Length >= ZipFormat.Elsewhere32;

        private bool OffsetIs64 => Offset >= ZipFormat.Elsewhere32;

        /// <summary>The header before the content, filled up so that the content begins at a multiple of 64.</summary>
        public byte[] LocalHeader()
        {
            var extra = LengthIs64 ? ZipFormat.ExtraHeaderLength + 16 : 0;
            var unpadded = Offset + ZipFormat.LocalLength + Name.Length + extra + ZipFormat.ExtraHeaderLength;
            var padding = (int)(-unpadded & (ZipFormat.Alignment - 1));

            var fields = new LittleEndianFields(ZipFormat.LocalLength + Name.Length + extra + ZipFormat.ExtraHeaderLength + padding);
            fields.Add32(ZipFormat.LocalSignature);
            AddCommonFields(ref fields, LengthIs64);
            fields.Add16((ushort)(extra + ZipFormat.ExtraHeaderLength + padding));
            fields.Add(Name);
            if (LengthIs64)
            {
                fields.Add16(ZipFormat.Zip64Extra);
                fields.Add16(16);
                fields.Add64(Length);
                fields.Add64(Length);
            }

            fields.Add16(ZipFormat.PaddingExtra);
            fields.Add16((ushort)padding);
            fields.Fill((byte)'Z', padding);
            return fields.ToArray();
        }

        /// <summary>The entry's line in the directory.</summary>
        public byte[] CentralHeader()
        {
            var values = (LengthIs64 ? 16 : 0) + (OffsetIs64 ? 8 : 0);
            var extra = values == 0 ? 0 : ZipFormat.ExtraHeaderLength + values;
            var fields = new LittleEndianFields(ZipFormat.CentralLength + Name.Length + extra);
            fields.Add32(ZipFormat.CentralSignature);
            fields.Add16(ZipFormat.Version45);
            AddCommonFields(ref fields, values > 0);
            fields.Add16((ushort)extra);
            fields.Fill(0, 10);
            fields.Add32(OffsetIs64 ? ZipFormat.Elsewhere32 : (uint)Offset);
            fields.Add(Name);
            if (values > 0)
            {
                fields.Add16(ZipFormat.Zip64Extra);
                fields.Add16((ushort)values);
                if (LengthIs64)
                {
                    fields.Add64(Length);
                    fields.Add64(Length);
                }

                if (OffsetIs64)
                    fields.Add64(Offset);
            }

            return fields.ToArray();
        }

        /// <summary>From the version to the length of the name, which both headers share.</summary>
        private void AddCommonFields(ref LittleEndianFields fields, bool needs64)
        {
            fields.Add16(needs64 ? ZipFormat.Version45 : ZipFormat.Version20);
            fields.Add16(ZipFormat.Utf8Flag);
            fields.Add16(0);
            fields.Add16(0);
            fields.Add16(ZipFormat.Date);
            fields.Add32(Crc);
            fields.Add32(LengthIs64 ? ZipFormat.Elsewhere32 : (uint)Length);
            fields.Add32(LengthIs64 ? ZipFormat.Elsewhere32 : (uint)Length);
            fields.Add16((ushort)Name.Length);
        }
    }

    /// <summary>A record of a known size, filled field by field.</summary>
    private struct LittleEndianFields(int length)
    {
        private readonly byte[] _bytes = new byte[length];
        private int _at;

        public void Add16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Next(sizeof(ushort)), value);

        public void Add32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Next(sizeof(uint)), value);

        public void Add64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Next(sizeof(long)), value);

        public void Add(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Next(bytes.Length));

        public void Fill(byte value, int count) => Next(count).Fill(value);

        public readonly byte[] ToArray() => _at == _bytes.Length ? _bytes : throw new InvalidOperationException("A record is not full.");

        private Span<byte> Next(int count)
        {
            var span = _bytes.AsSpan(_at, count);
            _at += count;
            return span;
        }
    }
}
