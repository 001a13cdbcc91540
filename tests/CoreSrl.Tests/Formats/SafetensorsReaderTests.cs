using System.Buffers.Binary;
using System.Text;
using CoreSrl.Abstractions;
using CoreSrl.Formats;

namespace CoreSrl.Tests.Formats;

public sealed class SafetensorsReaderTests
{
    [Theory]
    [InlineData("good.safetensors")]
    [InlineData("good_padded.safetensors")]
    public async Task A_file_reads_to_its_tensors_and_metadata(string name)
    {
        var file = await Fixture.Open(Fixture.Source(name));

        Assert.Equal(
            [new TensorInfo("b", TensorType.Int64, 5), new TensorInfo("a", TensorType.Float32, 2, 3)],
            file.Tensors.Select(t => t.Info));
        Assert.Equal([KeyValuePair.Create("format", "pt")], file.Metadata);
        Assert.Equal((long[])[4, 0, 4, 1, 6], Numbers(await file.Content(file["b"]), sizeof(long), BinaryPrimitives.ReadInt64LittleEndian));
        Assert.Equal(
            (float[])[0.0341927669942379f, 1.3597475290298462f, 1.224721074104309f, -0.5103070735931396f, -0.29796952f, -0.5273842f],
            Numbers(await file.Content(file["a"]), sizeof(float), BinaryPrimitives.ReadSingleLittleEndian));
    }

    [Fact]
    public async Task A_scalar_and_a_tensor_without_elements_are_read()
    {
        var file = await Fixture.Open(Fixture.Source("good_scalar_zero.safetensors"));

        Assert.Equal(
            [new TensorInfo("s", TensorType.Float32), new TensorInfo("z", TensorType.Float32, 0, 3)],
            file.Tensors.Select(t => t.Info));
        Assert.Equal(4, (await file.Content(file["s"])).Length);
    }

    [Fact]
    public async Task A_file_without_tensors_is_read() =>
        Assert.Empty((await Fixture.Open(Fixture.Source("good_empty.safetensors"))).Tensors);

    [Fact]
    public async Task A_range_of_a_tensor_is_read_and_one_beyond_it_refused()
    {
        var file = await Fixture.Open(Fixture.Source("good.safetensors"));
        var whole = await file.Content(file["a"]);
        var part = new byte[7];

        await file.ReadAsync(file["a"], 5, part);

        Assert.Equal(whole[5..12], part);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => file.ReadAsync(file["a"], 18, part).AsTask());
    }

    [Fact]
    public async Task A_missing_tensor_is_reported_with_the_files_name()
    {
        var file = await Fixture.Open(Fixture.Source("good.safetensors"));

        var error = Assert.Throws<CheckpointFormatException>(() => file["c"]);

        Assert.Equal("good.safetensors: there is no tensor 'c' among its 2. Check that the file belongs to this model.", error.Message);
    }

    [Theory]
    [InlineData("bad_array.safetensors", "the header does not begin with '{'")]
    [InlineData("bad_dtype.safetensors", "tensor 'a' has dtype F31, which is not among BOOL, U8, I8, I16, F16, BF16, I32, F32, F64, I64")]
    [InlineData("bad_duplicate.safetensors", "the header names 'a' twice")]
    [InlineData("bad_header_len.safetensors", "the header's length, 1099511627776, reaches beyond the end of the file (234 bytes)")]
    [InlineData("bad_header_len_max.safetensors", "the header's length, 18446744073709551615, reaches beyond the end of the file")]
    [InlineData("bad_hole.safetensors", "there is a hole of 4 bytes before tensor 'a'")]
    [InlineData("bad_metadata_type.safetensors", "__metadata__ 'n' is not a string")]
    [InlineData("bad_negative.safetensors", "the shape of tensor 'a' must be whole numbers from 0 to 2^63")]
    [InlineData("bad_not_json.safetensors", "the header is not JSON: 'n' is an invalid start of a property name")]
    [InlineData("bad_not_utf8.safetensors", "the header is not UTF-8")]
    [InlineData("bad_overflow.safetensors", "the shape of tensor 'a' overflows: [4611686018427387904, 8]")]
    [InlineData("bad_overlap.safetensors", "tensor 'a' overlaps the one before it by 4 bytes")]
    [InlineData("bad_reversed.safetensors", "the data_offsets of tensor 'a' are reversed: 4, 0")]
    [InlineData("bad_shape.safetensors", "tensor 'a float32[2, 4]' takes 32 bytes, but its data_offsets enclose 24")]
    [InlineData("bad_tiny.safetensors", "2 bytes are too few for a safetensors file")]
    [InlineData("bad_trailing.safetensors", "bytes that belong to no tensor follow the last one: 1 B")]
    [InlineData("bad_truncated.safetensors", "tensor 'a' ends beyond the end of the file, which is truncated by 1 B")]
    public async Task A_damaged_file_is_refused_with_the_reason_and_its_name(string name, string reason)
    {
        var error = await Assert.ThrowsAsync<CheckpointFormatException>(() => Fixture.Open(Fixture.Source(name)).AsTask());

        Assert.StartsWith($"{name}: {reason}", error.Message);
        Assert.EndsWith(". Restore the file from a good copy, or write it again with a safetensors library.", error.Message);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} x""", "the header is not JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"dtype":"I32"}}""", "tensor 'a' has a second 'dtype'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}""", "the shape of tensor 'a' must be whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[-0,4]}}""", "the data_offsets of tensor 'a' must be whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,9223372036854775808]}}""", "the data_offsets of tensor 'a'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,2,4]}}""", "tensor 'a' lacks its dtype, its shape or its two")]
    [InlineData("""{"a":{"dtype":"F32","data_offsets":[0,4]}}""", "tensor 'a' lacks its dtype, its shape or its two data_offsets")]
    [InlineData("""{"a":{"dtype":4,"shape":[1],"data_offsets":[0,4]}}""", "the dtype of tensor 'a' is not a string")]
    [InlineData("""{"a":[]}""", "tensor 'a' is not an object")]
    [InlineData("""{"":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "the header holds a tensor without a name")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "the header is not JSON")]
    [InlineData("""{"__metadata__":{"k":"1","k":"2"}}""", "__metadata__ names 'k' twice")]
    [InlineData("""{"__metadata__":{},"__metadata__":{}}""", "the header names '__metadata__' twice")]
    [InlineData("""{"__metadata__":null}""", "__metadata__ is not an object")]
    [InlineData("""{"a":{"dtype":"F32","shape":[0,4611686018427387904,4],"data_offsets":[0,4]}}""", "tensor 'a float32")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]""", "the header is not JSON")]
    [InlineData(""" {}""", "the header does not begin with '{'")]
    [InlineData("", "the header does not begin with '{'")]
    public async Task A_header_that_breaks_a_rule_is_refused_by_that_rule(string json, string reason)
    {
        var header = Encoding.UTF8.GetBytes(json);
        byte[] file = [.. BitConverter.GetBytes((long)header.Length), .. header, 1, 2, 3, 4];

        var error = await Assert.ThrowsAsync<CheckpointFormatException>(() => Fixture.Open("x.safetensors", file).AsTask());

        Assert.StartsWith($"x.safetensors: {reason}", error.Message);
    }

    [Fact]
    public async Task A_field_that_the_reference_implementation_passes_over_is_passed_over()
    {
        var header = """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"note":{"x":[1]}}}"""u8.ToArray();

        var file = await Fixture.Open("x.safetensors", [.. BitConverter.GetBytes((long)header.Length), .. header, 1, 2, 3, 4]);

        Assert.Equal([1, 2, 3, 4], await file.Content(file["a"]));
    }

    private static T[] Numbers<T>(byte[] bytes, int size, Func<ReadOnlySpan<byte>, T> read) =>
        [.. bytes.Chunk(size).Select(chunk => read(chunk))];
}
