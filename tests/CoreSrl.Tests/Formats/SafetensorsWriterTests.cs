using System.Buffers;
using System.Text;
using CoreSrl.Abstractions;
using CoreSrl.Formats;
using CoreSrl.Formats.Safetensors;

namespace CoreSrl.Tests.Formats;

/// <summary>The expected bytes of the first three tests are those of the reference implementation's own tests (tensor.rs).</summary>
public sealed class SafetensorsWriterTests
{
    private static readonly byte[] SixFloats = [0, 0, 0, 0, 0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64, 0, 0, 128, 64, 0, 0, 160, 64];

    [Fact]
    public void A_header_of_a_multiple_of_eight_bytes_is_written_as_by_the_reference() =>
        AssertWritten(
            64,
            """{"attn.0":{"dtype":"F32","shape":[1,2,3],"data_offsets":[0,24]}}""",
            [new TensorBytes(new TensorInfo("attn.0", TensorType.Float32, 1, 2, 3), SixFloats)]);

    [Fact]
    public void A_shorter_header_is_padded_with_spaces_as_by_the_reference() =>
        AssertWritten(
            72,
            """{"attn0":{"dtype":"F32","shape":[1,1,2,3],"data_offsets":[0,24]}}       """,
            [new TensorBytes(new TensorInfo("attn0", TensorType.Float32, 1, 1, 2, 3), SixFloats)]);

    [Fact]
    public void No_tensors_are_written_as_by_the_reference()
    {
        AssertWritten(8, "{}      ", []);
        AssertWritten(40, """{"__metadata__":{"framework":"pt"}}     """, [], KeyValuePair.Create("framework", "pt"));
    }

    [Fact]
    public void The_widest_elements_come_first_then_names_in_the_order_of_their_bytes()
    {
        TensorBytes[] tensors =
        [
            .. Fixture.OneOfEachType(),
            // In UTF-16 the first of these would come after the second.
            Fixture.Tensor("\uff5e", TensorType.Bool, 1, 1),
            Fixture.Tensor("\U0001f600", TensorType.Bool, 2, 1),
        ];

        var names = Read(SafetensorsWriter.Write(tensors.Reverse())).Tensors.Select(tensor => tensor.Info.Name);

        Assert.Equal(
            [
                "t.Int64", "t.Float64", "empty", "scalar", "t.Float32", "t.Int32", "t.BFloat16", "t.Float16", "t.Int16",
                "t.Int8", "t.UInt8", "t.Bool", "\uff5e", "\U0001f600",
            ],
            names);
    }

    [Fact]
    public async Task What_is_written_reads_back_with_its_metadata()
    {
        var tensors = Fixture.OneOfEachType();

        var file = Read(SafetensorsWriter.Write(tensors, [new("zeta", "\"quoted\" \\ \n ü 😀"), new("alpha", "")]));

        Assert.Equal(tensors.Length, file.Tensors.Length);
        foreach (var tensor in tensors)
        {
            Assert.Equal(tensor.Info, file[tensor.Info.Name].Info);
            Assert.Equal(tensor.Content.ToArray(), await file.Content(file[tensor.Info.Name]));
        }

        Assert.Equal([KeyValuePair.Create("alpha", ""), KeyValuePair.Create("zeta", "\"quoted\" \\ \n ü 😀")], file.Metadata);
    }

    [Fact]
    public void Every_tensor_lies_at_a_multiple_of_its_elements_size() =>
        Assert.All(
            Read(SafetensorsWriter.Write(Fixture.OneOfEachType())).Tensors,
            tensor => Assert.Equal(0, tensor.Offset % tensor.Info.Type.ElementSize()));

    [Fact]
    public void The_tensors_bytes_are_referred_to_and_not_copied()
    {
        var bytes = new byte[24];
        var written = SafetensorsWriter.Write([new TensorBytes(new TensorInfo("a", TensorType.UInt8, 24), bytes)]);

        bytes[0] = 42;

        Assert.Equal(42, written.Slice(written.Length - 24).FirstSpan[0]);
    }

    [Fact]
    public void A_name_that_occurs_twice_or_is_reserved_is_refused()
    {
        var a = Fixture.Tensor("a", TensorType.Bool, 1, 1);

        Assert.Contains("second tensor 'a'", Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write([a, a])).Message);
        Assert.Contains("reserved", Assert.Throws<ArgumentException>(
            () => SafetensorsWriter.Write([Fixture.Tensor("__metadata__", TensorType.Bool, 1, 1)])).Message);
    }

    [Fact]
    public void Content_of_another_length_than_the_shape_is_refused() =>
        Assert.StartsWith(
            "a float32[2] takes 8 bytes, not 7.",
            Assert.Throws<ArgumentException>(() => new TensorBytes(new TensorInfo("a", TensorType.Float32, 2), new byte[7])).Message);

    private static TensorFile Read(ReadOnlySequence<byte> written) =>
        Fixture.Open(new SequenceSource("written.safetensors", written)).AsTask().GetAwaiter().GetResult();

    private static void AssertWritten(byte length, string header, TensorBytes[] tensors, params KeyValuePair<string, string>[] metadata)
    {
        byte[] expected =
        [
            length, 0, 0, 0, 0, 0, 0, 0, .. Encoding.ASCII.GetBytes(header), .. tensors.SelectMany(tensor => tensor.Content.ToArray()),
        ];
        Assert.Equal(expected, SafetensorsWriter.Write(tensors, metadata).ToArray());
    }
}
