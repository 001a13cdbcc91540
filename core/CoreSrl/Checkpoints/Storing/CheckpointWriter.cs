using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Claims;
using CoreSrl.Checkpoints.Snapshots;
using CoreSrl.Formats.Pt;
using CoreSrl.Formats.Safetensors;

namespace CoreSrl.Checkpoints.Storing;

/// <summary>
/// Writes checkpoints: first what is to come is announced, then the data, last the metadata, which makes the checkpoint exist.
/// </summary>
internal sealed class CheckpointWriter(ICheckpointStorage storage, BaseWeights baseWeights, string place)
{
    /// <summary>Shorter files are digested before they are written, by the same thread.</summary>
    private const int SeparateDigestFrom = 1 << 20;

    private const int FilesAtATime = 4;

    /// <summary>Writes a checkpoint; when the task completes it is durable.</summary>
    /// <exception cref="StorageException">It could not be written. What was written of it is not a checkpoint.</exception>
    /// <exception cref="ClaimLostException">The directory belongs to somebody else; what was written is not a checkpoint.</exception>
    public async Task<CheckpointFacts> WriteAsync(
        string id, DateTimeOffset timestamp, CheckpointContent content, IReadOnlyList<long> skipped, DirectoryClaim claim, CancellationToken cancellationToken)
    {
        var documents = content.Documents();
        var bases = await DescribeBaseWeightsAsync(content.Snapshot, cancellationToken).ConfigureAwait(false);
        var missing = await FindMissingAsync(content.Snapshot, bases, cancellationToken).ConfigureAwait(false);
        var announced = missing.Select(weights => CheckpointLayout.BaseWeights(weights.File.Xxh128)).Prepend(id).ToList();
        await claim.AnnounceAsync(announced, cancellationToken).ConfigureAwait(false);

        // Another program may have put a checkpoint of this name here: its files are not ours to overwrite.
        var metadata = CheckpointLayout.Key(id, CheckpointLayout.Metadata);
        if (await storage.StatAsync(metadata, cancellationToken).ConfigureAwait(false) is not null)
        {
            await claim.CheckAsync(cancellationToken).ConfigureAwait(false); // Or whoever took the directory over has forestalled it.
            throw new StorageException(StorageErrorKind.PreconditionFailed, metadata, $"{storage.Location} holds a checkpoint '{id}' that another process has written. Give each trainer a {place} of its own");
        }

        foreach (var (file, model) in missing)
            await baseWeights.StoreAsync(file, model.Source, model.Frozen, cancellationToken).ConfigureAwait(false);

        var files = new ConcurrentDictionary<string, FileRecord>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = FilesAtATime, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Files(content.Snapshot, documents, bases), parallel, async (file, token) =>
            files[file.Path] = await WriteFileAsync(CheckpointLayout.Key(id, file.Path), file.Content, token).ConfigureAwait(false)).ConfigureAwait(false);

        var sealedFile = CheckpointRecord.Write(id, timestamp, content, documents, files, bases.OfType<FileRecord>().DistinctBy(file => file.Xxh128), skipped);
        await CommitAsync(metadata, sealedFile, claim, cancellationToken).ConfigureAwait(false);
        await claim.SettleAsync(announced).ConfigureAwait(false);
        return CheckpointFacts.Read(id, sealedFile)!;
    }

    /// <summary>Makes the checkpoint exist, unless the directory was lost or deleted while its data was written.</summary>
    private async Task CommitAsync(string metadata, byte[] file, DirectoryClaim claim, CancellationToken cancellationToken)
    {
        await claim.CheckAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await storage.WriteAsync(metadata, new(file), WriteCondition.IfAbsent, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.PreconditionFailed)
        {
            // Whoever took the directory over meanwhile may have forestalled it.
            await claim.CheckAsync(cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The digest is computed from memory while the bytes are on their way.</summary>
    private async Task<FileRecord> WriteFileAsync(string key, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
    {
        if (content.Length < SeparateDigestFrom)
        {
            await storage.WriteAsync(key, content, WriteCondition.Always, cancellationToken).ConfigureAwait(false);
            return FileDigest.Of(content);
        }

        var digest = Task.Run(() => FileDigest.Of(content), cancellationToken);
        await storage.WriteAsync(key, content, WriteCondition.Always, cancellationToken).ConfigureAwait(false);
        return await digest.ConfigureAwait(false);
    }

    private async Task<List<FileRecord?>> DescribeBaseWeightsAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        var files = new List<FileRecord?>();
        foreach (var model in snapshot.Models)
            files.Add(await baseWeights.DescribeAsync(model.Source, model.Frozen, cancellationToken).ConfigureAwait(false));
        return files;
    }

    private async Task<List<(FileRecord File, ModelSnapshot Model)>> FindMissingAsync(
        Snapshot snapshot, List<FileRecord?> bases, CancellationToken cancellationToken)
    {
        var missing = new List<(FileRecord File, ModelSnapshot Model)>();
        foreach (var (file, model) in bases.Zip(snapshot.Models).DistinctBy(pair => pair.First?.Xxh128))
        {
            if (file is not null && !await baseWeights.IsStoredAsync(file, cancellationToken).ConfigureAwait(false))
                missing.Add((file, model));
        }

        return missing;
    }

    private static IEnumerable<(string Path, ReadOnlySequence<byte> Content)> Files(Snapshot snapshot, CheckpointDocuments documents, List<FileRecord?> baseWeights)
    {
        for (var index = 0; index < snapshot.Models.Count; index++)
        {
            var model = snapshot.Models[index];
            yield return (CheckpointLayout.ModelDescription(model.Id), CheckpointJson.ToFile(Describe(model, index, baseWeights[index]?.Xxh128)));
            var tensors = model.Tensors;
            if (tensors[TensorPart.Weights].Any())
                yield return (CheckpointLayout.Weights(model.Id), SafetensorsWriter.Write(tensors[TensorPart.Weights]));
            if (tensors[TensorPart.OptimizerState].Any())
                yield return (CheckpointLayout.OptimizerState(model.Id), SafetensorsWriter.Write(tensors[TensorPart.OptimizerState]));
            if (tensors[TensorPart.Adapter].Any())
                yield return (CheckpointLayout.Adapter(index), PtWriter.Write(tensors[TensorPart.Adapter]));
        }

        yield return (CheckpointLayout.TrainingState, CheckpointJson.ToFile(documents.TrainingState));
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
