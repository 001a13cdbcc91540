using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Formats;

namespace CoreSrl.Checkpoints;

/// <summary>Reads a checkpoint's files, each checked against the size and digest that its metadata records.</summary>
internal sealed class CheckpointReader(ICheckpointStorage storage, CheckpointRecord record)
{
    public CheckpointRecord Record => record;

    public async Task<JsonObject> ReadJsonAsync(string path, CancellationToken cancellationToken)
    {
        var content = await ReadFileAsync(path, cancellationToken).ConfigureAwait(false);
        try
        {
            return JsonNode.Parse(content.ToArray())?.AsObject() ?? throw new JsonException("it is null");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Damaged(path, $"is not valid JSON ({CheckpointJson.Reason(e)})", e);
        }
    }

    /// <summary>Writes a model's stored tensors and state into a live model of the same tensors.</summary>
    /// <exception cref="DamagedCheckpointException">A file is not what was written, or does not hold the model's tensors.</exception>
    public async Task RestoreAsync(int index, string id, IModel model, CancellationToken cancellationToken)
    {
        var description = await ReadJsonAsync(CheckpointLayout.ModelDescription(id), cancellationToken).ConfigureAwait(false);
        await RestoreAsync(model, TensorPart.Adapter, CheckpointLayout.Adapter(index), cancellationToken).ConfigureAwait(false);
        await RestoreAsync(model, TensorPart.Weights, CheckpointLayout.Weights(id), cancellationToken).ConfigureAwait(false);
        await RestoreAsync(model, TensorPart.OptimizerState, CheckpointLayout.OptimizerState(id), cancellationToken).ConfigureAwait(false);
        if ((string?)description["base_weights"] is { } digest && digest != BaseWeights.DigestOf(model))
            await RestoreBaseAsync(model, digest, cancellationToken).ConfigureAwait(false);
        try
        {
            model.RestoreState(description["state"]?.DeepClone().AsObject() ?? []);
        }
        catch (FormatException e)
        {
            throw Damaged(CheckpointLayout.ModelDescription(id), $"holds a state that the model does not take ({e.Message.TrimEnd('.')})", e);
        }
    }

    private async Task RestoreAsync(IModel model, TensorPart part, string path, CancellationToken cancellationToken)
    {
        var tensors = model.Tensors.Where(tensor => tensor.Part == part).ToList();
        if (tensors.Count > 0)
            await CopyAsync(await ReadFileAsync(path, cancellationToken).ConfigureAwait(false), path, tensors, cancellationToken).ConfigureAwait(false);
    }

    private async Task RestoreBaseAsync(IModel model, string digest, CancellationToken cancellationToken)
    {
        var path = CheckpointLayout.BaseWeights(digest);
        var info = await storage.StatAsync(path, cancellationToken).ConfigureAwait(false) ?? throw Damaged(path, "is missing");
        var content = await ReadAsync(path, info.Length, cancellationToken).ConfigureAwait(false);
        if (Digest.Of(content) != digest)
            throw Damaged(path, $"has the digest {Digest.Of(content)}");
        await CopyAsync(content, path, [.. model.Tensors.Where(tensor => tensor.Part == TensorPart.Frozen)], cancellationToken).ConfigureAwait(false);
    }

    private async Task CopyAsync(ReadOnlySequence<byte> content, string path, List<StateTensor> tensors, CancellationToken cancellationToken)
    {
        try
        {
            var source = new SequenceSource(path, content);
            var file = path.EndsWith(".pt", StringComparison.Ordinal)
                ? await PtReader.OpenAsync(source, cancellationToken).ConfigureAwait(false)
                : await SafetensorsReader.OpenAsync(source, cancellationToken).ConfigureAwait(false);
            if (file.Tensors.Length != tensors.Count)
                throw Damaged(path, $"holds {file.Tensors.Length} tensors; the model has {tensors.Count}");
            var buffer = new byte[1 << 20];
            foreach (var tensor in tensors)
            {
                var stored = file[tensor.Info.Name];
                if (!stored.Info.Equals(tensor.Info))
                    throw Damaged(path, $"holds {stored.Info}; the model has {tensor.Info}");
                for (var offset = 0L; offset < tensor.Info.ByteLength; offset += buffer.Length)
                {
                    var piece = buffer.AsMemory(0, (int)Math.Min(buffer.Length, tensor.Info.ByteLength - offset));
                    await file.ReadAsync(stored, offset, piece, cancellationToken).ConfigureAwait(false);
                    tensor.CopyFrom(offset, piece.Span);
                }
            }
        }
        catch (CheckpointFormatException e)
        {
            throw Damaged(path, $"cannot be read: {e.Problem}", e);
        }
    }

    private async Task<ReadOnlySequence<byte>> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        if (!record.Files.TryGetValue(path, out var expected))
            throw Damaged(path, "is not among its files");
        var key = CheckpointLayout.Key(record.Saved.Id, path);
        try
        {
            var info = await storage.StatAsync(key, cancellationToken).ConfigureAwait(false) ?? throw Damaged(path, "is missing");
            if (info.Length != expected.Size)
                throw Damaged(path, $"has {info.Length} bytes; {expected.Size} were written");
            var content = await ReadAsync(key, info.Length, cancellationToken).ConfigureAwait(false);
            var digest = Digest.Of(content);
            return digest == expected.Xxh128 ? content : throw Damaged(path, $"has the digest {digest}; {expected.Xxh128} was written");
        }
        catch (StorageException e) when (e.Kind is StorageErrorKind.NotFound or StorageErrorKind.Permanent)
        {
            throw Damaged(path, $"cannot be read ({e.Message.TrimEnd('.')})", e);
        }
    }

    private async Task<ReadOnlySequence<byte>> ReadAsync(string key, long length, CancellationToken cancellationToken)
    {
        const int chunk = 64 << 20;
        var content = new SequenceBuilder();
        for (var offset = 0L; offset < length; offset += chunk)
        {
            var piece = GC.AllocateUninitializedArray<byte>((int)Math.Min(chunk, length - offset));
            await storage.ReadAsync(key, offset, piece, cancellationToken).ConfigureAwait(false);
            content.Append(piece);
        }

        return content.Build();
    }

    private DamagedCheckpointException Damaged(string path, string problem, Exception? cause = null) =>
        new(record.Saved.Id, path, problem, cause);
}
