using System.Buffers;
using CoreSrl.Abstractions;
using CoreSrl.Formats;
using CoreSrl.Formats.Pt;
using CoreSrl.Formats.Safetensors;
using CoreSrl.Tests.Fakes;

namespace CoreSrl.Tests.Formats;

/// <summary>A file made of tensors that are fetched when it is read is the same file, byte for byte.</summary>
public sealed class TensorLayoutTests
{
    private static readonly TensorBytes[] Tensors = Fixture.OneOfEachType();

    [Fact]
    public async Task A_safetensors_file_of_fetched_tensors_is_the_one_that_is_written_from_memory()
    {
        KeyValuePair<string, string>[] metadata = [new("format", "pt")];

        var source = SafetensorsWriter.ToSource("fetched", Tensors.Select(TensorSource.Of), metadata);

        Assert.Equal("fetched", source.Name);
        Assert.Equal(SafetensorsWriter.Write(Tensors, metadata).ToArray(), await ReadAll(source, pieces: 1 << 30));
    }

    [Fact]
    public async Task A_state_dict_of_fetched_tensors_is_the_one_that_is_written_from_memory()
    {
        var source = await PtWriter.ToSourceAsync("fetched", Tensors.Select(TensorSource.Of));

        var written = PtWriter.Write(Tensors).ToArray();
        Assert.Equal(written, await ReadAll(source, pieces: 1 << 30));
        Assert.Equal(written, await ReadAll(source, pieces: 3));
    }

    [Fact]
    public async Task A_state_dict_needs_one_pass_over_its_tensors_before_it_is_read_but_none_to_be_refused()
    {
        var fetched = 0L;
        var info = new TensorInfo("a", TensorType.UInt8, (3 * SourcePieces.Length) + 1);
        var tensor = new TensorSource(info, (_, destination, _) =>
        {
            Interlocked.Add(ref fetched, destination.Length);
            return ValueTask.CompletedTask;
        });

        await Assert.ThrowsAsync<ArgumentException>(() => PtWriter.ToSourceAsync("x", [tensor, tensor]).AsTask());
        Assert.Equal(0, fetched);

        await PtWriter.ToSourceAsync("x", [tensor]);
        Assert.Equal(info.ByteLength, fetched);
    }

    [Fact]
    public async Task What_fails_while_a_tensor_is_fetched_passes_through()
    {
        var tensor = new TensorSource(
            new TensorInfo("a", TensorType.UInt8, 2 * SourcePieces.Length),
            (offset, _, _) => offset == 0 ? ValueTask.CompletedTask : throw new IOException("the disk is gone"));

        var error = await Assert.ThrowsAsync<IOException>(() => PtWriter.ToSourceAsync("x", [tensor]).AsTask());

        Assert.Equal("the disk is gone", error.Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    public async Task It_reads_the_same_in_pieces_of_any_size(int pieces)
    {
        var source = SafetensorsWriter.ToSource("fetched", Tensors.Select(TensorSource.Of));

        Assert.Equal(SafetensorsWriter.Write(Tensors).ToArray(), await ReadAll(source, pieces));
    }

    [Fact]
    public async Task Its_tensors_can_come_from_another_file_views_included()
    {
        var views = await Fixture.Open(Fixture.Source("views.pt"));
        Assert.Contains(views.Tensors, tensor => !tensor.IsContiguous);

        var copy = await SafetensorsReader.OpenAsync(
            SafetensorsWriter.ToSource("copy", views.Tensors.Select(tensor => TensorSource.Of(views, tensor))));

        Assert.Equal(views.Tensors.Length, copy.Tensors.Length);
        foreach (var tensor in views.Tensors)
        {
            Assert.Equal(tensor.Info, copy[tensor.Info.Name].Info);
            Assert.Equal(await views.Content(tensor), await copy.Content(copy[tensor.Info.Name]));
        }
    }

    [Fact]
    public async Task Its_tensors_can_be_live_ones()
    {
        var live = Tensors.Select(tensor => new ManagedTensor(TensorPart.Frozen, tensor.Info)).ToArray();
        foreach (var (tensor, bytes) in live.Zip(Tensors))
            tensor.CopyFrom(0, bytes.Content.ToArray());

        var source = SafetensorsWriter.ToSource("live", live.Select(TensorSource.Of));

        Assert.Equal(SafetensorsWriter.Write(Tensors).ToArray(), await ReadAll(source, pieces: 5));
    }

    [Fact]
    public async Task A_layout_says_where_the_reader_finds_each_tensor_and_how_long_the_file_is()
    {
        var layout = SafetensorsWriter.Layout(Tensors.Select(tensor => tensor.Info));
        var written = SafetensorsWriter.Write(Tensors);

        Assert.Equal(written.Length, layout.Length);
        Assert.Equal(
            (await Fixture.Open(new SequenceSource("x.safetensors", written))).Tensors.Select(tensor => (tensor.Info, tensor.Offset)),
            layout.Tensors.Select(tensor => (tensor.Info, tensor.Offset)));
    }

    /// <summary>Twelve GiB that exist only where they are asked for.</summary>
    [Fact]
    public async Task A_tensor_may_be_larger_than_any_array_and_is_only_fetched_where_it_is_read()
    {
        var huge = Counting("huge", 3L << 30);
        var source = SafetensorsWriter.ToSource("x.safetensors", [huge, TensorSource.Of(Fixture.Tensor("after", TensorType.UInt8, 1, 8))]);

        var file = await SafetensorsReader.OpenAsync(source);

        Assert.Equal(file["huge"].Offset + (12L << 30) + 8, source.Length);
        Assert.Equal(12L << 30, file["huge"].Info.ByteLength);
        var number = new byte[4];
        foreach (var index in (long[])[0, 1, (1L << 29) + 1, (3L << 30) - 1])
        {
            await file.ReadAsync(file["huge"], 4 * index, number);
            Assert.Equal((int)index, BitConverter.ToInt32(number));
        }
    }

    [Fact]
    public void Content_of_another_length_than_its_tensors_is_refused()
    {
        var layout = SafetensorsWriter.Layout([new TensorInfo("a", TensorType.Float32, 2)]);

        const string message = "a float32[2] takes 8 bytes, not 7.";
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => layout.Fill(_ => new(new byte[7]))).Message);
        Assert.Equal(message, Assert.Throws<ArgumentException>(
            () => layout.ToSource("x", _ => new SequenceSource("a", new(new byte[7])))).Message);
    }

    [Fact]
    public async Task A_composite_reads_across_its_parts_and_never_beyond_its_end()
    {
        var source = new CompositeSource("whole", Parts([1, 2, 3], [], [4], [], [5, 6]));
        var middle = new byte[3];

        await source.ReadAsync(2, middle, default);

        Assert.Equal(6, source.Length);
        Assert.Equal([3, 4, 5], middle);
        await source.ReadAsync(6, Memory<byte>.Empty, default);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => source.ReadAsync(4, middle, default).AsTask());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => source.ReadAsync(-1, middle, default).AsTask());
    }

    [Fact]
    public async Task A_composite_of_nothing_is_empty()
    {
        var source = new CompositeSource("whole", Parts([], []));

        Assert.Equal(0, source.Length);
        await source.ReadAsync(0, Memory<byte>.Empty, default);
    }

    private static IEnumerable<IByteSource> Parts(params byte[][] parts) =>
        parts.Select(part => new SequenceSource("part", new(part)));

    /// <summary>Int32 elements that say their own index.</summary>
    private static TensorSource Counting(string name, long elements) =>
        new(new TensorInfo(name, TensorType.Int32, elements), (offset, destination, _) =>
        {
            for (var i = 0; i < destination.Length; i++)
                destination.Span[i] = BitConverter.GetBytes((int)((offset + i) / 4))[(offset + i) % 4];
            return ValueTask.CompletedTask;
        });

    private static async Task<byte[]> ReadAll(CompositeSource source, int pieces)
    {
        var all = new byte[source.Length];
        for (var at = 0; at < all.Length; at += pieces)
        {
            await source.ReadAsync(at, all.AsMemory(at, Math.Min(pieces, all.Length - at)), default);
        }

        return all;
    }
}
