using System.Buffers;
using CoreSrl.Abstractions;
using CoreSrl.Formats;
using CoreSrl.Formats.Peft;
using CoreSrl.Formats.Pt;
using CoreSrl.Formats.Safetensors;

namespace CoreSrl.Tests.Formats;

public sealed class TensorExportTests : IDisposable
{
    private static readonly TensorBytes[] Tensors = Fixture.OneOfEachType();
    private readonly string _folder = Directory.CreateTempSubdirectory("export-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_safetensors_file_is_the_one_that_the_writer_lays_out_and_says_format_pt()
    {
        var path = At("deep/er/x.safetensors");

        await TensorExport.ToSafetensorsAsync(path, Tensors.Select(TensorSource.Of));

        Assert.Equal(SafetensorsWriter.Write(Tensors, [new("format", "pt")]).ToArray(), await File.ReadAllBytesAsync(path));
    }

    [Fact]
    public async Task A_state_dict_is_the_one_that_the_writer_lays_out()
    {
        await TensorExport.ToPtAsync(At("x.pt"), Tensors.Select(TensorSource.Of), flush: true);

        Assert.Equal(PtWriter.Write(Tensors).ToArray(), await File.ReadAllBytesAsync(At("x.pt")));
    }

    [Fact]
    public async Task Tensors_of_several_files_are_exported_together()
    {
        var first = await Fixture.Open(Fixture.Source("lora.pt"));
        var second = await Fixture.Open(Fixture.Source("good.safetensors"));

        await TensorExport.ToSafetensorsAsync(At("x.safetensors"), TensorSource.AllOf(first).Concat(TensorSource.AllOf(second)), []);

        using var source = new FileSource(At("x.safetensors"));
        var both = await SafetensorsReader.OpenAsync(source);
        Assert.Equal(first.Tensors.Length + second.Tensors.Length, both.Tensors.Length);
        Assert.Empty(both.Metadata);
        foreach (var (file, tensor) in first.Tensors.Select(tensor => (first, tensor)).Concat(second.Tensors.Select(tensor => (second, tensor))))
            Assert.Equal(await file.Content(tensor), await both.Content(both[tensor.Info.Name]));
    }

    [Fact]
    public async Task A_folder_for_PEFT_has_the_config_and_the_tensors_of_the_adapter()
    {
        var adapter = new TestAdapter();

        await TensorExport.ToPeftAsync(
            At("adapter/"), PeftConfig.Parse("the model", adapter.Config), adapter.Tensors.Select(TensorSource.Of), flush: true);

        Assert.Equal(
            ["adapter_config.json", "adapter_model.safetensors"],
            Directory.EnumerateFileSystemEntries(At("adapter")).Select(path => Path.GetFileName(path)).Order());
        using var folder = new LocalFolder(At("adapter"));
        var read = await PeftAdapterReader.OpenAsync(folder);
        Assert.Equal((2, 8.0), (read.Config.Rank, read.Config.Alpha));
        foreach (var tensor in adapter.Tensors)
            Assert.Equal(tensor.Content.ToArray(), await read.File.Content(read.File[tensor.Info.Name]));
    }

    [Theory]
    [InlineData("safetensors")]
    [InlineData("pt")]
    [InlineData("peft")]
    public async Task A_place_that_is_taken_is_refused_by_name_before_a_tensor_is_read_and_stays_as_it_is(string format)
    {
        var unread = Failing(new TensorInfo("a", TensorType.UInt8, 1), new NotSupportedException());
        await File.WriteAllTextAsync(At("file"), "mine");
        Directory.CreateDirectory(At("folder/mine"));

        foreach (var place in (string[])["file", "folder"])
        {
            var error = await Assert.ThrowsAsync<IOException>(() => Export(format, At(place), unread));
            Assert.Equal($"{At(place)}: something is there already. Name another place, or remove it first.", error.Message);
        }

        Assert.Equal("mine", await File.ReadAllTextAsync(At("file")));
        Assert.Equal(["file", "folder", "folder/mine"], Everything());
    }

    [Theory]
    [InlineData("safetensors")]
    [InlineData("pt")]
    [InlineData("peft")]
    public async Task An_empty_file_or_folder_is_replaced(string format)
    {
        await File.WriteAllTextAsync(At("file"), "");
        Directory.CreateDirectory(At("folder"));

        foreach (var place in (string[])["file", "folder"])
        {
            await Export(format, At(place), [.. new TestAdapter().Tensors.Select(TensorSource.Of)]);
            Assert.Equal(format == "peft", Directory.Exists(At(place)));
            Assert.Equal(format != "peft", File.Exists(At(place)));
        }
    }

    [Theory]
    [InlineData("safetensors")]
    [InlineData("pt")]
    [InlineData("peft")]
    public async Task Of_an_export_that_fails_nothing_is_left(string format)
    {
        TensorSource[] tensors = [.. new TestAdapter().Tensors.Select(TensorSource.Of)];
        tensors[^1] = Failing(tensors[^1].Info, new IOException("the disk is gone"));

        var error = await Assert.ThrowsAsync<IOException>(() => Export(format, At("x"), tensors));

        Assert.Equal("the disk is gone", error.Message);
        Assert.Empty(Everything());
    }

    [Theory]
    [InlineData("safetensors")]
    [InlineData("peft")]
    public async Task A_file_where_a_folder_should_be_is_an_IO_error_that_names_it(string format)
    {
        await File.WriteAllTextAsync(At("file"), "mine");

        var error = await Assert.ThrowsAsync<IOException>(
            () => Export(format, At("file/x"), [.. new TestAdapter().Tensors.Select(TensorSource.Of)]));

        Assert.Contains(At("file"), error.Message);
    }

    [Fact]
    public async Task Of_an_export_that_is_cancelled_nothing_is_left()
    {
        using var cancelled = new CancellationTokenSource();
        var tensor = new TensorSource(new TensorInfo("a", TensorType.UInt8, 3 * SourcePieces.Length), (offset, _, _) =>
        {
            if (offset > 0)
                cancelled.Cancel();
            return ValueTask.CompletedTask;
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => TensorExport.ToSafetensorsAsync(At("x"), [tensor], cancellationToken: cancelled.Token));

        Assert.Empty(Everything());
    }

    [Theory]
    [InlineData("safetensors")]
    [InlineData("pt")]
    public async Task A_large_tensor_is_never_asked_for_as_a_whole(string format)
    {
        var info = new TensorInfo("large", TensorType.UInt8, (5 * SourcePieces.Length) + 3);
        var longest = 0;
        var tensor = new TensorSource(info, (offset, destination, _) =>
        {
            longest = Math.Max(longest, destination.Length);
            for (var i = 0; i < destination.Length; i++)
                destination.Span[i] = (byte)((offset + i) % 251);
            return ValueTask.CompletedTask;
        });

        await Export(format, At($"x.{format}"), tensor);

        Assert.InRange(longest, 1, SourcePieces.Length);
        using var source = new FileSource(At($"x.{format}"));
        var file = await Fixture.Open(source);
        Assert.Equal(Enumerable.Range(0, (int)info.ByteLength).Select(i => (byte)(i % 251)), await file.Content(file["large"]));
    }

    private static Task Export(string format, string path, params TensorSource[] tensors) => format switch
    {
        "safetensors" => TensorExport.ToSafetensorsAsync(path, tensors),
        "pt" => TensorExport.ToPtAsync(path, tensors),
        _ => TensorExport.ToPeftAsync(path, PeftConfig.Parse("the model", new TestAdapter().Config), tensors),
    };

    private static TensorSource Failing(TensorInfo info, Exception error) => new(info, (_, _, _) => throw error);

    private string At(string name) => Path.Combine(_folder, name);

    private string[] Everything() =>
        [.. Directory.EnumerateFileSystemEntries(_folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(_folder, path)).Order()];
}
