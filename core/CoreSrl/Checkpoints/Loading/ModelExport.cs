using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Storing;
using CoreSrl.Configuration;
using CoreSrl.Formats;
using CoreSrl.Formats.Peft;

namespace CoreSrl.Checkpoints.Loading;

/// <summary>Writes a model of a checkpoint for other programs; every byte is checked before it is passed on.</summary>
internal static class ModelExport
{
    public static async Task<string> RunAsync(
        CheckpointReader reader, string modelId, ExportFormat format, string folder, ReadProgress progress, CancellationToken cancellationToken)
    {
        var path = CheckpointLayout.ModelDescription(modelId);
        if (!reader.Record.Files.ContainsKey(path))
            throw new KeyNotFoundException($"Checkpoint '{reader.Record.Saved.Id}' holds no model '{modelId}'. {NearestMatch.Suggest(modelId, ModelsOf(reader.Record))}");
        var model = $"Model '{modelId}' of checkpoint '{reader.Record.Saved.Id}'";
        var description = await reader.ReadJsonAsync(path, cancellationToken).ConfigureAwait(false);
        var adapter = (string?)description["lora_weights"];
        if (format is ExportFormat.Peft or ExportFormat.Merged)
        {
            if (adapter is null || description["adapter"] is not JsonObject config)
                throw new CheckpointMismatchException($"{model} has no LoRA adapter, so {(format == ExportFormat.Peft ? "PEFT cannot load it" : "there is nothing to merge")}. Export it as safetensors or pt.");
            var peft = Parse(model, path, config);
            await (format == ExportFormat.Peft
                ? ToPeftAsync(reader, model, peft, adapter, folder, progress, cancellationToken)
                : ToMergedAsync(reader, model, peft, adapter, (string?)description["base_weights"], folder, progress, cancellationToken)).ConfigureAwait(false);
            return folder;
        }

        var weights = CheckpointLayout.Weights(modelId);
        var files = new[]
        {
            (string?)description["base_weights"] is { } digest ? CheckpointLayout.BaseWeights(digest) : null,
            reader.Record.Files.ContainsKey(weights) ? weights : null,
            adapter,
        };
        var all = await TensorsAsync(reader, [.. files.OfType<string>()], progress, cancellationToken).ConfigureAwait(false);
        if (all.Count == 0)
            throw new CheckpointMismatchException($"{model} has no tensors to export.");
        if (all.CountBy(tensor => tensor.Info.Name).FirstOrDefault(name => name.Value > 1).Key is { } twice)
            throw new CheckpointMismatchException($"{model} has two tensors named '{twice}', which cannot stand in one file.");
        var target = Path.Combine(folder, $"{modelId}.{(format == ExportFormat.Pt ? "pt" : "safetensors")}");
        await (format == ExportFormat.Pt
            ? TensorExport.ToPtAsync(target, all, flush: true, cancellationToken)
            : TensorExport.ToSafetensorsAsync(target, all, flush: true, cancellationToken: cancellationToken)).ConfigureAwait(false);
        return target;
    }

    private static async Task ToPeftAsync(
        CheckpointReader reader, string model, PeftConfig config, string adapter, string folder, ReadProgress progress, CancellationToken cancellationToken)
    {
        var tensors = await TensorsAsync(reader, [adapter], progress, cancellationToken).ConfigureAwait(false);
        try
        {
            await TensorExport.ToPeftAsync(folder, config, tensors, flush: true, cancellationToken).ConfigureAwait(false);
        }
        catch (CheckpointFormatException e)
        {
            throw CannotLoad(model, e);
        }
    }

    private static async Task ToMergedAsync(
        CheckpointReader reader, string model, PeftConfig config, string adapter, string? digest, string folder, ReadProgress progress, CancellationToken cancellationToken)
    {
        if (config.BaseModel is null || digest is null)
            throw new CheckpointMismatchException($"{model} has no pretrained base, so no other program knows what to do with it. Export it as safetensors or pt.");
        try
        {
            var (from, names) = BaseFolder.Open(config.BaseModel);
            using (from)
            {
                var files = await FilesAsync(reader, [adapter, CheckpointLayout.BaseWeights(digest)], progress, cancellationToken).ConfigureAwait(false);
                var weights = await MergedModel.MergeAsync([.. TensorSource.AllOf(files[1])], config, files[0], cancellationToken).ConfigureAwait(false);
                var others = new List<(string, IByteSource)>();
                foreach (var name in names)
                    others.Add((name, await from.FindAsync(name, cancellationToken).ConfigureAwait(false) ?? throw new IOException($"{from.Name}: {name} has gone.")));
                await TensorExport.ToFolderAsync(folder, "model.safetensors", weights, others, flush: true, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (CheckpointFormatException e)
        {
            throw new CheckpointMismatchException($"{model} cannot be merged: {e.Message}");
        }
    }

    private static PeftConfig Parse(string model, string path, JsonObject config)
    {
        try
        {
            return PeftConfig.Parse(path, config);
        }
        catch (CheckpointFormatException e)
        {
            throw CannotLoad(model, e);
        }
    }

    private static CheckpointMismatchException CannotLoad(string model, CheckpointFormatException e) =>
        new($"{model} has an adapter that PEFT cannot load: {e.Problem}. Export it as safetensors or pt.");

    private static async Task<List<TensorSource>> TensorsAsync(
        CheckpointReader reader, IReadOnlyList<string> paths, ReadProgress progress, CancellationToken cancellationToken) =>
        [.. (await FilesAsync(reader, paths, progress, cancellationToken).ConfigureAwait(false)).SelectMany(TensorSource.AllOf)];

    private static async Task<List<TensorFile>> FilesAsync(
        CheckpointReader reader, IReadOnlyList<string> paths, ReadProgress progress, CancellationToken cancellationToken)
    {
        progress.Expect(2 * paths.Sum(reader.LengthOf)); // Once to check it, once to pass it on.
        var files = new List<TensorFile>();
        foreach (var path in paths)
            files.Add(await reader.OpenTensorsAsync(path, cancellationToken).ConfigureAwait(false));
        return files;
    }

    private static IEnumerable<string> ModelsOf(CheckpointRecord record) => record.Files.Keys
        .Where(file => file.StartsWith("model_weights/", StringComparison.Ordinal) && file.EndsWith(".json", StringComparison.Ordinal))
        .Select(Path.GetFileNameWithoutExtension).OfType<string>();
}
