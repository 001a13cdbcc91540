using System.Buffers;
using System.Buffers.Binary;
using CoreSrl.Formats;
using CoreSrl.Formats.Pt;

namespace CoreSrl.Tests.Formats;

/// <summary>Archives whose directory or end has been tampered with, field by field.</summary>
public sealed class ZipDirectoryTests
{
    private const int Method = 10, Flags = 8, CompressedSize = 20, Size = 24, Disk = 34, Offset = 42;

    [Theory]
    [InlineData(Method, 8, "entry 'archive/data.pkl' is compressed (method 8)")]
    [InlineData(CompressedSize, 5, "entry 'archive/data.pkl' is compressed")]
    [InlineData(Flags, 1, "entry 'archive/data.pkl' is encrypted")]
    [InlineData(Disk, 1, "line 1 of the zip directory is damaged")]
    [InlineData(Offset, 4000, "entry 'archive/data.pkl' reaches into the one behind it")]
    [InlineData(Offset, 1, "entry 'archive/data.pkl' has no header at byte 1")]
    public async Task A_line_that_makes_no_sense_is_refused(int field, ushort value, string reason)
    {
        var file = Written();
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(DirectoryOf(file) + field), value);

        await AssertRefused(file, reason);
    }

    [Fact]
    public async Task A_size_that_only_its_missing_64_bit_field_could_tell_is_refused()
    {
        var file = Written();
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(DirectoryOf(file) + Size), uint.MaxValue);

        await AssertRefused(file, "line 1 of the zip directory is damaged");
    }

    [Fact]
    public async Task Entries_that_share_bytes_are_refused()
    {
        var file = Written();
        var directory = DirectoryOf(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(directory + Size), 10_000);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(directory + CompressedSize), 10_000);

        await AssertRefused(file, "entry 'archive/data.pkl' reaches into the one behind it");
    }

    [Fact]
    public async Task Entries_that_share_bytes_are_refused_even_if_nothing_refers_to_them()
    {
        var zip = new StoredZipLayout();
        zip.Add("x/unused", new byte[64]);
        zip.Add("x/data.pkl", new byte[] { 0x80, 2, (byte)'}', (byte)'.' });
        zip.Add("x/version", "3\n"u8.ToArray());
        var file = zip.Build().Single().ToArray();
        Assert.Empty((await Fixture.Open("x.pt", file)).Tensors);

        var directory = DirectoryOf(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(directory + Size), 200);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(directory + CompressedSize), 200);

        await AssertRefused(file, "entry 'x/unused' reaches into the one behind it");
    }

    [Theory]
    [InlineData(1L << 40, true)]
    [InlineData(-1L, false)]
    public void A_64_bit_size_is_read_unless_it_is_negative(long size, bool isSense)
    {
        byte[] line = [.. new byte[46], (byte)'n', 1, 0, 8, 0, .. BitConverter.GetBytes(size)];
        "PK\u0001\u0002"u8.CopyTo(line);
        (line[28], line[30]) = (1, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(line.AsSpan(Size), uint.MaxValue);

        Assert.Equal(isSense, ZipDirectoryLine.TryRead(line, out var read, out _));
        Assert.Equal(isSense ? size : 0, read.Length);
    }

    [Fact]
    public async Task Two_entries_of_one_name_are_refused()
    {
        var zip = new StoredZipLayout();
        zip.Add("x/data.pkl", new byte[] { 1 });
        zip.Add("x/data.pkl", new byte[] { 2 });

        await AssertRefused(zip.Build().Single().ToArray(), "there are two entries 'x/data.pkl'");
    }

    [Fact]
    public async Task An_archive_that_torch_save_did_not_write_is_refused()
    {
        var none = new StoredZipLayout();
        none.Add("readme", new byte[] { 1 });
        await AssertRefused(none.Build().Single().ToArray(), "it is a zip archive with 0 entries called data.pkl");

        var script = new StoredZipLayout();
        script.Add("x/data.pkl", new byte[] { 1 });
        script.Add("x/constants.pkl", new byte[] { 1 });
        await AssertRefused(script.Build().Single().ToArray(), "it is a TorchScript program, not a state dict");
    }

    [Fact]
    public async Task A_pickle_of_an_absurd_size_is_refused_unread()
    {
        var zip = new StoredZipLayout();
        zip.Add("x/data.pkl", new byte[(16 << 20) + 1]);
        zip.Add("x/version", "3\n"u8.ToArray());

        await AssertRefused(zip.Build().Single().ToArray(), "entry 'x/data.pkl' takes 16777217 bytes; more than 16777216 are not plausible");
    }

    [Theory]
    [InlineData(-10, "the two end records of the zip archive contradict each other")]
    [InlineData(-6, "the two end records of the zip archive contradict each other")]
    [InlineData(-12, "it is one part of a zip archive in several files")]
    [InlineData(-18, "it is one part of a zip archive in several files")]
    [InlineData(-2, "it does not end as a zip archive does")]
    [InlineData(-22 - 12, "the 64-bit end record of the zip archive is not where it should be")]
    [InlineData(-22 - 20 - 56, "the 64-bit end record of the zip archive is not where it should be")]
    public async Task An_end_record_that_contradicts_itself_is_refused(int fromEnd, string reason)
    {
        var file = Written();
        file[file.Length + fromEnd] ^= 1;

        await AssertRefused(file, reason);
    }

    [Fact]
    public async Task A_directory_that_does_not_reach_the_end_record_is_refused()
    {
        var file = Written();
        // Both records say the same, but what they say is wrong by one.
        file[^6] ^= 1;
        file[^(22 + 20 + 56 - 48)] ^= 1;

        await AssertRefused(file, "the zip directory is not where the end of the archive says");
    }

    private static byte[] Written() => PtWriter.Write(Fixture.OneOfEachType()).ToArray();

    private static int DirectoryOf(byte[] file) => file.AsSpan().IndexOf("PK\u0001\u0002"u8);

    private static async Task AssertRefused(byte[] file, string reason)
    {
        var error = await Assert.ThrowsAsync<CheckpointFormatException>(() => Fixture.Open("x.pt", file).AsTask());
        Assert.StartsWith($"x.pt: {reason}", error.Message);
    }
}
