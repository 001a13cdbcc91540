using System.Text;
using CoreSrl.Abstractions;
using CoreSrl.Formats;
using CoreSrl.Formats.Pt;

namespace CoreSrl.Tests.Formats;

public sealed class PtReaderTests
{
    private const string Layer0 = "base_model.model.model.layers.0.self_attn";

    [Theory]
    [InlineData("lora.pt", "")]
    [InlineData("kinds.pt", "")]
    [InlineData("views.pt", "")]
    [InlineData("parameter.pt", "")]
    [InlineData("nested.pt", "model.")]
    public async Task A_file_of_real_PyTorch_reads_to_the_same_tensors(string name, string prefix)
    {
        using var source = new FileSource(Fixture.PathOf(name));
        var file = await PtReader.OpenAsync(source);
        var expected = Fixture.Expected(name, prefix).ToArray();

        Assert.Equal(
            expected.Select(e => e.Info),
            file.Tensors.Select(t => t.Info).Where(t => t.Name.StartsWith(prefix, StringComparison.Ordinal)));
        foreach (var (info, crc) in expected)
            Assert.Equal(crc, Fixture.Crc(await file.Content(file[info.Name])));
    }

    [Fact]
    public async Task A_nested_tensor_is_named_by_its_path()
    {
        var file = await Fixture.Open(Fixture.Source("nested.pt"));

        Assert.Equal(16, file.Tensors.Length);
        Assert.Equal(new TensorInfo("optimizer.state.0.exp_avg", TensorType.Float32, 4, 5), file["optimizer.state.0.exp_avg"].Info);
    }

    [Fact]
    public async Task Views_say_that_they_are_not_contiguous_and_tied_tensors_where_both_lie()
    {
        var file = await Fixture.Open(Fixture.Source("views.pt"));

        Assert.Equal(
            [("whole", true), ("transposed", false), ("column", false), ("offset", true), ("tied", true)],
            file.Tensors.Select(tensor => (tensor.Info.Name, tensor.IsContiguous)));
        Assert.Equal(file["whole"].Offset, file["tied"].Offset);
        Assert.Equal(file["whole"].Offset + (12 * sizeof(float)), file["offset"].Offset);
    }

    [Theory]
    [InlineData("transposed")]
    [InlineData("column")]
    public async Task Any_range_of_a_view_is_that_range_of_its_row_major_bytes(string name)
    {
        var file = await Fixture.Open(Fixture.Source("views.pt"));
        var whole = await file.Content(file[name]);

        for (var start = 0; start <= whole.Length; start++)
        {
            for (var end = start; end <= whole.Length; end++)
            {
                var part = new byte[end - start];
                await file.ReadAsync(file[name], start, part);
                Assert.Equal(whole[start..end], part);
            }
        }
    }

    [Theory]
    [InlineData("bad_missing_storage.pt", $"the storage of tensor '{Layer0}.v_proj.lora_B.weight', entry 'lora/data/3', is missing")]
    [InlineData("bad_pickle.pt", "its data.pkl is refused at byte 1065: it ends in the middle")]
    [InlineData(
        "bad_short_storage.pt",
        $"tensor '{Layer0}.v_proj.lora_A.weight' needs a storage of 64 elements of 4 bytes, but entry 'lora/data/2' has 252 bytes")]
    [InlineData("bad_truncated.pt", "it does not end as a zip archive does: it is truncated, or something follows it")]
    [InlineData(
        "evil_reduce.pt",
        "its data.pkl is refused at byte 169: it refers to 'posix.system', which a state dict has no use for: "
        + "loading it with pickle could run code. If you trust it, load it with PyTorch and save its state_dict() anew.")]
    [InlineData(
        "legacy.pt",
        "it is in PyTorch's pre-1.6 format, not a zip archive. Save it again with torch.save of a current PyTorch.")]
    public async Task A_damaged_or_dangerous_file_is_refused_with_the_reason_and_its_name(string name, string reason)
    {
        var error = await Assert.ThrowsAsync<CheckpointFormatException>(() => Fixture.Open(Fixture.Source(name)).AsTask());

        Assert.StartsWith($"{name}: {reason}", error.Message);
    }

    [Fact]
    public async Task A_changed_byte_of_the_pickle_is_found_by_its_checksum()
    {
        var bytes = Fixture.Bytes("kinds.pt");
        bytes[bytes.AsSpan().IndexOf("bf16"u8)] ^= 1;

        var error = await Assert.ThrowsAsync<CheckpointFormatException>(() => Fixture.Open("x.pt", bytes).AsTask());

        Assert.Contains("the CRC-32 of entry 'kinds/data.pkl' is wrong: its bytes have changed", error.Message);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("PK")]
    [InlineData("")]
    public async Task What_is_no_zip_archive_is_refused(string content)
    {
        var bytes = Encoding.ASCII.GetBytes(content);

        var error = await Assert.ThrowsAsync<CheckpointFormatException>(() => Fixture.Open("x.pt", bytes).AsTask());

        Assert.StartsWith("x.pt: it does not end as a zip archive does", error.Message);
    }

    [Fact]
    public async Task A_compressed_entry_is_refused_by_name()
    {
        using var memory = new MemoryStream();
        using (var zip = new System.IO.Compression.ZipArchive(memory, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = zip.CreateEntry("x/data.pkl").Open();
            entry.Write(new byte[1000]);
        }

        var error = await Assert.ThrowsAsync<CheckpointFormatException>(() => Fixture.Open("x.pt", memory.ToArray()).AsTask());

        Assert.Contains("entry 'x/data.pkl' is compressed (method 8); PyTorch stores its entries uncompressed", error.Message);
    }

    [Theory]
    [InlineData("3\n", "big", "its byte order is 'big'; only little-endian files are read")]
    [InlineData("11\n", "little", "its version is '11'; 1 to 10 are known")]
    public async Task A_foreign_byte_order_or_version_is_refused(string version, string order, string reason)
    {
        var bytes = new TestPickle().Op(PickleOpcode.EmptyDict).ToFile(version, order);

        var error = await Assert.ThrowsAsync<CheckpointFormatException>(() => Fixture.Open("x.pt", bytes).AsTask());

        Assert.Equal($"x.pt: {reason}. Save it again with torch.save of a current PyTorch.", error.Message);
    }
}
