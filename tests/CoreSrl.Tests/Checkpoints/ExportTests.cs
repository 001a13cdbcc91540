using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Formats;
using CoreSrl.Formats.Peft;
using CoreSrl.Formats.Pt;
using CoreSrl.Formats.Safetensors;
using CoreSrl.Tests.Checkpoints.Damage;
using CoreSrl.Tests.Fakes;
using CoreSrl.Tests.Formats;
using CoreSrl.Tests.Storage;

namespace CoreSrl.Tests.Checkpoints;

/// <summary>A model leaves a checkpoint, from code: as what was asked for and with the stored bits, or not at all.</summary>
public sealed class ExportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MemoryStorage _storage = new();

    private string Out => _folder["out"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ExportFormat.Safetensors)]
    [InlineData(ExportFormat.Pt)]
    public async Task All_weights_leave_in_one_file(ExportFormat format)
    {
        var state = new TensorState([.. Adapter(), Tensor(TensorPart.Frozen, "base", 1), Tensor(TensorPart.Weights, "embedding", 2), Tensor(TensorPart.OptimizerState, "moment", 3)]);
        var (manager, id) = await SaveAsync(state);
        await using var _ = manager;

        var path = await manager.ExportAsync(id, "model", format, Out);

        Assert.Equal(Path.Combine(Out, format == ExportFormat.Pt ? "model.pt" : "model.safetensors"), path);
        using var source = new FileSource(path);
        var file = format == ExportFormat.Pt ? await PtReader.OpenAsync(source) : await SafetensorsReader.OpenAsync(source);
        await AssertHoldsAsync(file, state.Tensors.Where(tensor => tensor.Part != TensorPart.OptimizerState));
    }

    [Fact]
    public async Task An_adapter_leaves_as_a_folder_for_PEFT()
    {
        var state = new TensorState([.. Adapter(), Tensor(TensorPart.Frozen, "base", 1)]) { Adapter = new TestAdapter().Config };
        var (manager, id) = await SaveAsync(state);
        await using var _ = manager;

        Assert.Equal(Out, await manager.ExportAsync(id, "model", ExportFormat.Peft, Out));

        using var folder = new LocalFolder(Out);
        var adapter = await PeftAdapterReader.OpenAsync(folder);
        Assert.Equal((2, 8.0), (adapter.Config.Rank, adapter.Config.Alpha));
        await AssertHoldsAsync(adapter.File, state.Tensors.Where(tensor => tensor.Part == TensorPart.Adapter));
    }

    [Fact]
    public async Task What_a_model_does_not_have_is_told_with_what_to_do_and_nothing_is_left()
    {
        var weights = Tensor(TensorPart.Weights, "w", 1);
        var contrary = new TestAdapter().With("r", 3).Config;
        foreach (var (state, format, message) in new (TensorState, ExportFormat, string)[]
        {
            (new(weights), ExportFormat.Peft, "has no LoRA adapter, so PEFT cannot load it. Export it as safetensors or pt."),
            (new(Adapter()), ExportFormat.Peft, "has no LoRA adapter, so PEFT cannot load it. Export it as safetensors or pt."),
            (new(Adapter()) { Adapter = contrary }, ExportFormat.Peft, "has an adapter that PEFT cannot load: "),
            (new(Adapter()) { Adapter = [] }, ExportFormat.Peft, "has an adapter that PEFT cannot load: "),
            (new(Tensor(TensorPart.OptimizerState, "moment", 1)), ExportFormat.Pt, "has no tensors to export."),
            (new(weights, Tensor(TensorPart.Frozen, "w", 2)), ExportFormat.Safetensors, "has two tensors named 'w', which cannot stand in one file."),
        })
        {
            _storage.Objects.Clear();
            var (manager, id) = await SaveAsync(state);
            await using var _ = manager;
            var error = await Assert.ThrowsAsync<CheckpointMismatchException>(() => manager.ExportAsync(id, "model", format, Out));
            Assert.StartsWith($"Model 'model' of checkpoint '{id}' {message}", error.Message, StringComparison.Ordinal);
            Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        }
    }

    [Fact]
    public async Task An_unknown_checkpoint_or_model_suggests_the_nearest()
    {
        var (manager, id) = await SaveAsync(new(Tensor(TensorPart.Weights, "w", 1)));
        await using var _ = manager;
        Assert.Contains($"Did you mean '{id}'?", (await Assert.ThrowsAsync<KeyNotFoundException>(() => manager.ExportAsync($"x{id}", "model", ExportFormat.Pt, Out))).Message, StringComparison.Ordinal);
        Assert.Equal(
            $"Checkpoint '{id}' holds no model 'modell'. Did you mean 'model'? Known: model.",
            (await Assert.ThrowsAsync<KeyNotFoundException>(() => manager.ExportAsync(id, "modell", ExportFormat.Pt, Out))).Message);
        await Assert.ThrowsAsync<KeyNotFoundException>(() => manager.ExportAsync(id, "../../model", ExportFormat.Pt, Out));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("base_weights")]
    [InlineData("lora_weights/lora_0.pt")]
    public async Task A_file_that_the_metadata_does_not_name_is_damage(string file)
    {
        var (manager, id) = await SaveAsync(new([.. Adapter(), Tensor(TensorPart.Frozen, "base", 1)]));
        await using var _ = manager;
        var digest = (await manager.DescribeAsync(id)).BaseWeights.Keys.Single();
        _storage.Objects[$"{id}/metadata.json"] = SealedText.Edit(_storage.Objects[$"{id}/metadata.json"], document =>
            document[file == "base_weights" ? file : "files"]!.AsObject().Remove(file == "base_weights" ? digest : file));
        var error = await Assert.ThrowsAsync<DamagedCheckpointException>(() => manager.ExportAsync(id, "model", ExportFormat.Pt, Out));
        Assert.Equal((id, file == "base_weights" ? $"base_weights/{digest}.safetensors" : file), (error.CheckpointId, error.File));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Of_an_export_whose_checkpoint_is_removed_meanwhile_nothing_is_left()
    {
        var (writer, id) = await SaveAsync(new(Tensor(new ManagedTensor(TensorPart.Weights, new("w", TensorType.UInt8, 3 << 20)), 1)));
        await writer.DisposeAsync();
        var key = $"{id}/model_weights/model.safetensors";
        for (var last = 0; ; last++)
        {
            // It is there for so many reads, and then no more.
            var left = last;
            var faulty = new FaultyStorage(_storage)
            {
                Reading = (verb, read) => verb == "read" && read == key && left-- <= 0
                    ? throw new StorageException(StorageErrorKind.NotFound, key, "it is gone")
                    : Task.CompletedTask,
            };
            await using var manager = await CheckpointManager.OpenReadOnlyAsync(faulty);
            var error = await Record.ExceptionAsync(() => manager.ExportAsync(id, "model", ExportFormat.Pt, _folder["late"]));
            if (error is null)
            {
                Assert.True(last > 4, $"{last} reads were enough");
                break;
            }

            Assert.True(error is DamagedCheckpointException or StorageException { Kind: StorageErrorKind.NotFound }, $"{error}");
            Assert.Empty(Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories));
        }
    }

    private async Task<(CheckpointManager Manager, string Id)> SaveAsync(TensorState state)
    {
        var manager = await CheckpointManager.OpenAsync(_storage);
        return (manager, (await (await manager.SaveAsync(1, null, state))).Id);
    }

    private static ManagedTensor[] Adapter() =>
        [.. new TestAdapter().Tensors.Select((tensor, index) => Tensor(new ManagedTensor(TensorPart.Adapter, tensor.Info), index))];

    private static ManagedTensor Tensor(TensorPart part, string name, int seed) => Tensor(new ManagedTensor(part, new(name, TensorType.Float32, 5)), seed);

    private static ManagedTensor Tensor(ManagedTensor tensor, int seed)
    {
        new Random(seed).NextBytes(tensor.Bytes);
        return tensor;
    }

    private static async Task AssertHoldsAsync(TensorFile file, IEnumerable<StateTensor> tensors)
    {
        var expected = tensors.Cast<ManagedTensor>().OrderBy(tensor => tensor.Info.Name, StringComparer.Ordinal).ToList();
        Assert.Equal(expected.Select(tensor => tensor.Info), file.Tensors.Select(tensor => tensor.Info).OrderBy(info => info.Name, StringComparer.Ordinal));
        foreach (var tensor in expected)
            Assert.Equal(tensor.Bytes, await file.Content(file[tensor.Info.Name]));
    }
}
