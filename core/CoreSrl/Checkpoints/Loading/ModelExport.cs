using System.Text.Json.Nodes;
using CoreSrl.Checkpoints.Storing;
using CoreSrl.Configuration;
using CoreSrl.Formats;
using CoreSrl.Formats.Peft;

namespace CoreSrl.Checkpoints.Loading;

/// <summary>Writes a model of a checkpoint for other programs; every byte is checked before it is passed on.</summary>
internal static class ModelExport
{
    public static async Task<string> RunAsync(CheckpointReader reader, string modelId, ExportFormat format, string folder, CancellationToken cancellationToken)
    {
        var path = CheckpointLayout.ModelDescription(modelId);
        if (!reader.Record.Files.ContainsKey(path))
            throw new KeyNotFoundException($"Checkpoint '{reader.Record.Saved.Id}' holds no model '{modelId}'. {NearestMatch.Suggest(modelId, ModelsOf(reader.Record))}");
        var description = await reader.ReadJsonAsync(path, cancellationToken).ConfigureAwait(false);
        var adapter = (string?)description["lora_weights"];
        if (format == ExportFormat.Peft)
        {
            if (adapter is null || description["adapter"] is not JsonObject config)
                throw new CheckpointMismatchException($"Model '{modelId}' of checkpoint '{reader.Record.Saved.Id}' has no LoRA adapter, so PEFT cannot load it. Export it as safetensors or pt.");
            var tensors = await TensorsAsync(reader, [adapter], cancellationToken).ConfigureAwait(false);
            await TensorExport.ToPeftAsync(folder, PeftConfig.Parse(path, config), tensors, flush: true, cancellationToken).ConfigureAwait(false);
            return folder;
        }

        var files = new[] { (string?)description["base_weights"] is { } digest ? CheckpointLayout.BaseWeights(digest) : null, CheckpointLayout.Weights(modelId), adapter };
        var all = await TensorsAsync(reader, files.OfType<string>(), cancellationToken).ConfigureAwait(false);
        if (all.Count == 0)
            throw new CheckpointMismatchException($"Model '{modelId}' of checkpoint '{reader.Record.Saved.Id}' has no tensors to export.");
        var target = Path.Combine(folder, $"{modelId}.{(format == ExportFormat.Pt ? "pt" : "safetensors")}");
        await (format == ExportFormat.Pt
            ? TensorExport.ToPtAsync(target, all, flush: true, cancellationToken)
            : TensorExport.ToSafetensorsAsync(target, all, flush: true, cancellationToken: cancellationToken)).ConfigureAwait(false);
        return target;
    }

    private static async Task<List<TensorSource>> TensorsAsync(CheckpointReader reader, IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        var tensors = new List<TensorSource>();
        foreach (var path in paths)
        {
            if (await reader.OpenTensorsAsync(path, cancellationToken).ConfigureAwait(false) is { } file)
                tensors.AddRange(file.Tensors.Select(tensor => TensorSource.Of(file, tensor)));
        }

        return tensors;
    }

    private static IEnumerable<string> ModelsOf(CheckpointRecord record) => record.Files.Keys
        .Where(file => file.StartsWith("model_weights/", StringComparison.Ordinal) && file.EndsWith(".json", StringComparison.Ordinal))
        .Select(Path.GetFileNameWithoutExtension).OfType<string>();
}
