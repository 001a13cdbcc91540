using System.Buffers;
using System.Buffers.Binary;
using CoreSrl.Abstractions;
using CoreSrl.Formats;
using CoreSrl.Formats.Pt;
using CoreSrl.Formats.Safetensors;

namespace CoreSrl.Tests.Formats;

/// <summary>Files beyond 4 GiB, whose content is one piece of memory many times over.</summary>
public sealed class LargeFileTests
{
    private const int Pieces = 65;
    private static readonly byte[] Piece = Random(64 << 20);
    private static readonly TensorInfo HugeInfo = new("huge", TensorType.BFloat16, Pieces, Piece.Length / 2);
    private static readonly TensorBytes After = Fixture.Tensor("after", TensorType.Float32, 1, 2, 3);

    [Fact]
    public async Task A_pt_file_beyond_4_GiB_has_64_bit_sizes_and_offsets_and_reads_back()
    {
        var written = PtWriter.Write([Huge(), After]);

        Assert.True(written.Length > uint.MaxValue);
        await AssertReadsBack(await PtReader.OpenAsync(new SequenceSource("huge.pt", written)), alignment: 64);
        AssertLocalHeaderIs64Bit(written);
        AssertOffsetIs64Bit(written);
        await AssertFetchedIsTheSame(written);
    }

    [Fact]
    public async Task A_safetensors_file_beyond_4_GiB_reads_back()
    {
        // bfloat16 comes behind float32, so that the large one is the last.
        var written = SafetensorsWriter.Write([Huge(), After]);

        Assert.True(written.Length > uint.MaxValue);
        await AssertReadsBack(await SafetensorsReader.OpenAsync(new SequenceSource("huge.safetensors", written)), alignment: 8);
    }

    private static async Task AssertFetchedIsTheSame(ReadOnlySequence<byte> written)
    {
        var source = await PtWriter.ToSourceAsync("huge.pt", [TensorSource.Of(Huge()), TensorSource.Of(After)]);

        Assert.Equal(written.Length, source.Length);
        foreach (var offset in (long[])[0, uint.MaxValue - 2000L, written.Length - 4096])
        {
            var part = new byte[4096];
            await source.ReadAsync(offset, part, default);
            Assert.Equal(written.Slice(offset, part.Length).ToArray(), part);
        }
    }

    private static async Task AssertReadsBack(TensorFile file, int alignment)
    {
        var huge = file["huge"];
        Assert.Equal(HugeInfo, huge.Info);
        Assert.Equal(0, huge.Offset % alignment);
        Assert.Equal(After.Content.ToArray(), await file.Content(file["after"]));

        // Across the border of the last two pieces, and the very end.
        var part = new byte[32];
        await file.ReadAsync(huge, ((Pieces - 1L) * Piece.Length) - 16, part);
        Assert.Equal([.. Piece[^16..], .. Piece[..16]], part);
        await file.ReadAsync(huge, huge.Info.ByteLength - 32, part);
        Assert.Equal(Piece[^32..], part);
    }

    /// <summary>APPNOTE 4.5.3: the local header's 32-bit sizes are all ones, and its extra field 1 holds both in 64 bits.</summary>
    private static void AssertLocalHeaderIs64Bit(ReadOnlySequence<byte> written)
    {
        var header = Head(written, "archive/data/0");
        Assert.Equal(45, BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(4)));
        Assert.Equal(uint.MaxValue, BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(18)));
        Assert.Equal(uint.MaxValue, BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(22)));
        var extra = header.AsSpan(30 + "archive/data/0".Length);
        Assert.Equal(1, BinaryPrimitives.ReadUInt16LittleEndian(extra));
        Assert.Equal(16, BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]));
        Assert.Equal(HugeInfo.ByteLength, BinaryPrimitives.ReadInt64LittleEndian(extra[4..]));
        Assert.Equal(HugeInfo.ByteLength, BinaryPrimitives.ReadInt64LittleEndian(extra[12..]));
    }

    /// <summary>The entry behind the large one has 32-bit sizes and a 64-bit offset: its extra field 1 holds the offset alone.</summary>
    private static void AssertOffsetIs64Bit(ReadOnlySequence<byte> written)
    {
        var tail = written.Slice(written.Length - 1024).ToArray();
        var name = tail.AsSpan().LastIndexOf("archive/data/1"u8);
        var line = tail.AsSpan(name - 46);
        Assert.Equal(24u, BinaryPrimitives.ReadUInt32LittleEndian(line[24..]));
        Assert.Equal(uint.MaxValue, BinaryPrimitives.ReadUInt32LittleEndian(line[42..]));
        var extra = line[(46 + "archive/data/1".Length)..];
        Assert.Equal([1, 0, 8, 0], extra[..4].ToArray());
        var local = BinaryPrimitives.ReadInt64LittleEndian(extra[4..]);
        Assert.Equal("PK\u0003\u0004"u8.ToArray(), written.Slice(local, 4).ToArray());
    }

    private static byte[] Head(ReadOnlySequence<byte> written, string name)
    {
        var head = written.Slice(0, 4096).ToArray();
        return head[(head.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(name)) - 30)..];
    }

    private static TensorBytes Huge()
    {
        var content = new SequenceBuilder();
        for (var i = 0; i < Pieces; i++)
            content.Append(Piece);
        return new TensorBytes(HugeInfo, content.Build());
    }

    private static byte[] Random(int length)
    {
        var bytes = new byte[length];
        new Random(9).NextBytes(bytes);
        return bytes;
    }
}
