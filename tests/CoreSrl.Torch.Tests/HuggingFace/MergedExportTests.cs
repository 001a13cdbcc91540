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
        var answers = await model.ActAsync(requests, default);
        var (ratios, before) = (await RatiosAsync(alone, requests, answers), await RatiosAsync(untrained, requests, answers));

        Assert.Equal(Path.Combine(_folder, "merged"), merged);
        Assert.Equal(
            ["config.json", "merges.txt", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "vocab.json"],
            Directory.GetFiles(merged).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(ratios, ratio => Assert.Equal(1, ratio, tolerance));
        Assert.True(before.Any(ratio => Math.Abs(ratio - 1) > 2 * tolerance), "nothing had been learned");
    }

    // The fixture's adapter calls its base by a name, as one that was trained elsewhere does.
    [Fact]
    public async Task An_adapter_that_was_there_already_is_merged_into_the_base_that_carries_it()
    {
        var folder = TinyModel.Folder("qwen3-tiny");
        await using var model = await Models.CreateAsync(options: new() { Path = folder, Adapter = Path.Combine(folder, "adapter") });

        await using var alone = await Models.CreateAsync(options: new() { Path = await ExportAsync(model) });

        ModelRequest[] requests = [new(Choice, 1), new(Free, 2)];
        Assert.All(await RatiosAsync(alone, requests, await model.ActAsync(requests, default)), ratio => Assert.Equal(1, ratio, 1e-4));
        Assert.Equal(folder, (string?)model.Description.Adapter!["base_model_name_or_path"]);
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

    // Of each answer, the mean over its actions of their probability by a model to the one that they were drawn with: what a model would
    // draw itself says less, for rounding may tip a draw.
    private static async Task<double[]> RatiosAsync(TorchLoraModel model, ModelRequest[] requests, IReadOnlyList<ModelResponse> answers)
    {
        var ratios = new double[answers.Count];
        for (var i = 0; i < ratios.Length; i++)
            ratios[i] = -(await model.ComputeGradientsAsync(new([new(requests[i].Observation, answers[i], 0, Advantage: 1)], new() { ClipRange = 0.999 }, 0), 0, default)).PolicyLoss;
        return ratios;
    }

    private async Task<string> ExportAsync(IModel model)
    {
        await using var manager = await CheckpointManager.OpenAsync(LocalStorage.In(Path.Combine(_folder, $"checkpoints-{Guid.NewGuid():N}")));
        var saved = await (await manager.SaveAsync(1, null, model));
        return await manager.ExportAsync(saved.Id, "model", ExportFormat.Merged, Path.Combine(_folder, "merged"));
    }
}
