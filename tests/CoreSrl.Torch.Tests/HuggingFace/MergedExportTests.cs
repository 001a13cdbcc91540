using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Plugins.LocalStorage;
using CoreSrl.Plugins.TorchLora;

namespace CoreSrl.Torch.Tests.HuggingFace;

/// <summary>A trained model leaves a checkpoint as one that needs no adapter: it computes the same, and is loaded like any other.</summary>
[Collection(OneProcessTorch.Name)]
public sealed class MergedExportTests : IDisposable
{
    private static readonly Observation Choice = new("What is 12 + 30? The answer is", " 42", " 41");
    private static readonly Observation Free = new("The models play a game.");

    private readonly string _folder = Directory.CreateTempSubdirectory("core-srl-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("qwen3-tiny", 1e-4)]
    [InlineData("qwen2-tiny", 1e-4)]
    [InlineData("qwen3-tied-tiny", 1e-4)]
    [InlineData("llama-tiny", 0.05)] // bfloat16: the sum is rounded to eight bits.
    [InlineData("qwen3-tiny", 1e-4, "lm_head", "embed_tokens")]
    public async Task It_computes_what_base_and_adapter_compute(string name, double tolerance, params string[] modulesToSave)
    {
        var options = new TorchLoraOptions { Path = TinyModel.Folder(name), MaxTokens = 6, ModulesToSave = modulesToSave.Length == 0 ? null : modulesToSave };
        await using var model = await Models.CreateAsync(options: options);
        for (var update = 1; update <= 4; update++)
            await model.TrainOnceAsync(update, 0.02, Choice, Free);
        var merged = await ExportAsync(model);

        await using var alone = await Models.CreateAsync(options: new() { Path = merged, MaxTokens = 6 });
        await using var untrained = await Models.CreateAsync(options: options);
        ModelRequest[] requests = [new(Choice, 1), new(Free, 2), new(Free, 3)];
        var (expected, actual, before) = (await model.ActAsync(requests, default), await alone.ActAsync(requests, default), await untrained.ActAsync(requests, default));

        Assert.Equal(Path.Combine(_folder, "merged"), merged);
        Assert.Equal(
            ["config.json", "merges.txt", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "vocab.json"],
            Directory.GetFiles(merged).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (var (one, other) in expected.Zip(actual))
            Assert.Equal(one.LogProbabilities[0], other.LogProbabilities[0], tolerance);
        Assert.True(expected.Zip(before).Any(pair => Math.Abs(pair.First.LogProbabilities[0] - pair.Second.LogProbabilities[0]) > 2 * tolerance), "nothing had been learned");
    }

    [Fact]
    public async Task Without_a_pretrained_base_there_is_nothing_to_merge_into()
    {
        await using var random = await Models.CreateAsync();
        var refused = await Assert.ThrowsAsync<CheckpointMismatchException>(() => ExportAsync(random));
        Assert.EndsWith("has no pretrained base, so no other program knows what to do with it. Export it as safetensors or pt.", refused.Message, StringComparison.Ordinal);

        var moved = Path.Combine(_folder, "base");
        Directory.CreateDirectory(moved);
        foreach (var file in Directory.GetFiles(TinyModel.Folder("qwen3-tiny")))
            File.Copy(file, Path.Combine(moved, Path.GetFileName(file)));
        await using var model = await Models.CreateAsync(options: new() { Path = moved });
        Directory.Move(moved, moved + "-elsewhere");
        var gone = await Assert.ThrowsAsync<CheckpointMismatchException>(() => ExportAsync(model));
        Assert.EndsWith(
            $"cannot be merged: {moved}: there is no config.json, which the merged model needs. Put the base model back where it was trained from, or export the adapter as peft.",
            gone.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder, "merged")));
    }

    private async Task<string> ExportAsync(IModel model)
    {
        await using var manager = await CheckpointManager.OpenAsync(LocalStorage.In(Path.Combine(_folder, $"checkpoints-{Guid.NewGuid():N}")));
        var saved = await (await manager.SaveAsync(1, null, model));
        return await manager.ExportAsync(saved.Id, "model", ExportFormat.Merged, Path.Combine(_folder, "merged"));
    }
}
