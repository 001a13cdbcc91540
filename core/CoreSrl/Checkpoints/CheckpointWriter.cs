using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Formats;

namespace CoreSrl.Checkpoints;

/// <summary>Writes checkpoints: data first, then the metadata, which makes the checkpoint exist.</summary>
internal sealed class CheckpointWriter(ICheckpointStorage storage)
{
    private readonly BaseWeights _baseWeights = new(storage);

    /// <summary>Writes a checkpoint; when the task completes it is durable.</summary>
    /// <exception cref="StorageException">It could not be written. What was written of it is not a checkpoint.</exception>
    public async Task<CheckpointRecord> WriteAsync(
        string id, DateTimeOffset timestamp, CheckpointContent content, CancellationToken cancellationToken)
    {
        // Another trainer in the same directory may have the same idea of a name: its files are not ours to overwrite.
        var metadata = CheckpointLayout.Key(id, CheckpointLayout.Metadata);
        if (await storage.StatAsync(metadata, cancellationToken).ConfigureAwait(false) is not null)
            throw new StorageException(StorageErrorKind.PreconditionFailed, metadata, $"{storage.Location} holds a checkpoint '{id}' that another process has written. Give each trainer a Checkpoints:Directory of its own");
        var digests = new List<string?>();
        foreach (var model in content.Snapshot.Models)
            digests.Add(await _baseWeights.StoreAsync(model, cancellationToken).ConfigureAwait(false));

        var files = new ConcurrentDictionary<string, FileRecord>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Files(content, digests), parallel, async (file, token) =>
        {
            await storage.WriteAsync(CheckpointLayout.Key(id, file.Path), file.Content, WriteCondition.Always, token).ConfigureAwait(false);
            files[file.Path] = new(file.Content.Length, Digest.Of(file.Content));
        }).ConfigureAwait(false);

        var record = CheckpointRecord.Create(id, timestamp, content, files, [.. digests.OfType<string>().Distinct()]);
        await storage.WriteAsync(
            metadata, CheckpointJson.ToFile(record.Document), WriteCondition.IfAbsent, cancellationToken).ConfigureAwait(false);
        return record;
    }

    private static IEnumerable<(string Path, ReadOnlySequence<byte> Content)> Files(CheckpointContent content, List<string?> baseWeights)
    {
        for (var index = 0; index < content.Snapshot.Models.Count; index++)
        {
            var model = content.Snapshot.Models[index];
            yield return (CheckpointLayout.ModelDescription(model.Id), CheckpointJson.ToFile(Describe(model, index, baseWeights[index])));
            var tensors = model.Tensors;
            if (tensors[TensorPart.Weights].Any())
                yield return (CheckpointLayout.Weights(model.Id), SafetensorsWriter.Write(tensors[TensorPart.Weights]));
            if (tensors[TensorPart.OptimizerState].Any())
                yield return (CheckpointLayout.OptimizerState(model.Id), SafetensorsWriter.Write(tensors[TensorPart.OptimizerState]));
            if (tensors[TensorPart.Adapter].Any())
                yield return (CheckpointLayout.Adapter(index), PtWriter.Write(tensors[TensorPart.Adapter]));
        }

        yield return (CheckpointLayout.TrainingState, CheckpointJson.ToFile(content.TrainingState));
    }

    private static JsonObject Describe(ModelSnapshot model, int index, string? baseWeights) => new()
    {
        ["model_id"] = model.Id,
        ["kind"] = model.Description.Kind,
        ["trainable"] = model.Description.Trainable,
        ["architecture"] = model.Description.Architecture.DeepClone(),
        ["adapter"] = model.Description.Adapter?.DeepClone(),
        ["base_weights"] = baseWeights,
        ["lora_weights"] = model.Tensors[TensorPart.Adapter].Any() ? CheckpointLayout.Adapter(index) : null,
        ["state"] = model.State.DeepClone(),
        ["tensors"] = new JsonObject(model.Tensors.SelectMany(part => part.Select(tensor => KeyValuePair.Create(
            $"{PartName(part.Key)}/{tensor.Info.Name}", (JsonNode?)new JsonObject
            {
                ["dtype"] = tensor.Info.Type.ToString().ToLowerInvariant(),
                ["shape"] = new JsonArray([.. tensor.Info.Shape.Select(dimension => (JsonNode)dimension)]),
            })))),
    };

    private static string PartName(TensorPart part) => part == TensorPart.OptimizerState ? "optimizer_state" : part.ToString().ToLowerInvariant();
}
