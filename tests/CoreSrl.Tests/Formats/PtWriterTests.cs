using System.Buffers;
using System.IO.Compression;
using CoreSrl.Abstractions;
using CoreSrl.Formats;
using CoreSrl.Formats.Pt;

namespace CoreSrl.Tests.Formats;

public sealed class PtWriterTests
{
    /// <summary>
    /// PyTorch 1.13 loaded this very file, with weights_only and without, and gave the tensors that were written: names, types,
    /// shapes, strides, bytes.
    /// </summary>
    [Fact]
    public void The_file_is_byte_for_byte_the_one_that_PyTorch_was_seen_to_load() =>
        Assert.Equal(Fixture.Bytes("written.pt"), PtWriter.Write(Fixture.OneOfEachType()).ToArray());

    [Fact]
    public async Task What_is_written_reads_back_in_its_order()
    {
        TensorBytes[] tensors = [.. Fixture.OneOfEachType(), Fixture.Tensor("größe.имя.😀", TensorType.Int16, 1, 300, 257)];

        await Fixture.AssertReads(tensors, "written.pt", PtWriter.Write(tensors));
    }

    [Fact]
    public async Task A_file_without_tensors_reads_back() => await Fixture.AssertReads([], "written.pt", PtWriter.Write([]));

    [Fact]
    public async Task Tensors_of_real_PyTorch_survive_being_written_again()
    {
        var original = await Fixture.Open(Fixture.Source("kinds.pt"));
        var tensors = new List<TensorBytes>();
        foreach (var tensor in original.Tensors)
            tensors.Add(new TensorBytes(tensor.Info, await original.Content(tensor)));

        await Fixture.AssertReads(tensors, "written.pt", PtWriter.Write(tensors));
    }

    [Fact]
    public async Task Every_tensor_lies_at_a_multiple_of_64_bytes()
    {
        // Names of all lengths, so that the headers before the data end anywhere.
        var tensors = Enumerable.Range(0, 130).Select(i => Fixture.Tensor(new string('n', i + 1), TensorType.UInt8, i, i)).ToArray();

        var file = await PtReader.OpenAsync(new SequenceSource("written.pt", PtWriter.Write(tensors)));

        Assert.All(file.Tensors, tensor => Assert.Equal(0, tensor.Offset % 64));
    }

    [Fact]
    public void An_ordinary_zip_reader_reads_every_entry_and_finds_its_checksum_right()
    {
        var tensors = Fixture.OneOfEachType();
        using var zip = new ZipArchive(new MemoryStream(PtWriter.Write(tensors).ToArray()));

        Assert.Equal(
            ["archive/data.pkl", "archive/byteorder", .. tensors.Select((_, i) => $"archive/data/{i}"), "archive/version"],
            zip.Entries.Select(entry => entry.FullName));
        foreach (var entry in zip.Entries)
        {
            using var content = new MemoryStream();
            using (var stream = entry.Open())
                stream.CopyTo(content);
            Assert.Equal(entry.Length, content.Length);
            Assert.Equal(entry.Crc32, Fixture.Crc(content.ToArray()));
        }
    }

    [Fact]
    public void The_tensors_bytes_are_referred_to_and_not_copied()
    {
        var bytes = Enumerable.Repeat((byte)7, 4096).ToArray();
        var written = PtWriter.Write([new TensorBytes(new TensorInfo("a", TensorType.UInt8, 4096), bytes)]);
        var before = written.ToArray().Count(b => b == 42);

        Array.Fill(bytes, (byte)42);

        Assert.Equal(before + 4096, written.ToArray().Count(b => b == 42));
    }

    [Fact]
    public async Task Content_in_many_pieces_is_written_as_one()
    {
        var whole = Fixture.Tensor("a", TensorType.Int64, 3, 1000);
        var pieces = new SequenceBuilder();
        foreach (var piece in whole.Content.ToArray().Chunk(37))
            pieces.Append(piece);

        var written = PtWriter.Write([new TensorBytes(whole.Info, pieces.Build())]);

        Assert.Equal(PtWriter.Write([whole]).ToArray(), written.ToArray());
        await Fixture.AssertReads([whole], "written.pt", written);
    }

    [Fact]
    public void A_table_that_the_reader_would_refuse_is_not_written() =>
        Assert.StartsWith(
            "The table of 1 tensors takes 16777",
            Assert.Throws<ArgumentException>(
                () => PtWriter.Write([Fixture.Tensor(new string('n', 16 << 20), TensorType.Bool, 1, 1)])).Message);

    [Fact]
    public void A_name_that_occurs_twice_is_refused()
    {
        var a = Fixture.Tensor("a", TensorType.Bool, 1, 1);

        Assert.StartsWith("There is a second tensor 'a'.", Assert.Throws<ArgumentException>(() => PtWriter.Write([a, a])).Message);
    }
}
