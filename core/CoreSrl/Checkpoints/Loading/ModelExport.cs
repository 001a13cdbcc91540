using System.Text.Json.Nodes;
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
        if (format == ExportFormat.Peft)
        {
            if (adapter is null || description["adapter"] is not JsonObject config)
                throw new CheckpointMismatchException($"{model} has no LoRA adapter, so PEFT cannot load it. Export it as safetensors or pt.");
            var tensors = await TensorsAsync(reader, [adapter], progress, cancellationToken).ConfigureAwait(false);
            try
            {
                await TensorExport.ToPeftAsync(folder, PeftConfig.Parse(path, config), tensors, flush: true, cancellationToken).ConfigureAwait(false);
            }
            catch (CheckpointFormatException e)
            {
                throw new CheckpointMismatchException($"{model} has an adapter that PEFT cannot load: {e.Problem}. Export it as safetensors or pt.");
            }

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

    private static async Task<List<TensorSource>> TensorsAsync(
        CheckpointReader reader, IReadOnlyList<string> paths, ReadProgress progress, CancellationToken cancellationToken)
    {
        progress.Expect(2 * paths.Sum(reader.LengthOf)); // Once to check it, once to pass it on.
        var tensors = new List<TensorSource>();
        foreach (var path in paths)
        {
            var file = await reader.OpenTensorsAsync(path, cancellationToken).ConfigureAwait(false);
            tensors.AddRange(file.Tensors.Select(tensor => TensorSource.Of(file, tensor)));
        }

        return tensors;
    }

    private static IEnumerable<string> ModelsOf(CheckpointRecord record) => record.Files.Keys
        .Where(file => file.StartsWith("model_weights/", StringComparison.Ordinal) && file.EndsWith(".json", StringComparison.Ordinal))
        .Select(Path.GetFileNameWithoutExtension).OfType<string>();
}
