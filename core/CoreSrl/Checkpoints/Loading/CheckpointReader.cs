using System.Text.Json;
using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Storing;
using CoreSrl.Formats;
using CoreSrl.Formats.Pt;
using CoreSrl.Formats.Safetensors;

namespace CoreSrl.Checkpoints.Loading;

/// <summary>Reads a checkpoint's files, each checked against the size and digest that its metadata records.</summary>
internal sealed class CheckpointReader(ICheckpointStorage storage, BaseWeights baseWeights, CheckpointRecord record)
{
    public CheckpointRecord Record => record;

    /// <summary>Reads a checkpoint's metadata; null when there is none.</summary>
    /// <exception cref="DamagedCheckpointException">It is there, but can never be read.</exception>
    public static Task<StoredObject?> ReadMetadataAsync(ICheckpointStorage storage, string id, CancellationToken cancellationToken) =>
        GuardAsync(id, CheckpointLayout.Metadata, async () => await storage.ReadAllAsync(CheckpointLayout.Key(id, CheckpointLayout.Metadata), cancellationToken).ConfigureAwait(false));

    /// <summary>Reads one of the files that are JSON.</summary>
    /// <exception cref="DamagedCheckpointException">It is not what was written.</exception>
    public async Task<JsonObject> ReadJsonAsync(string path, CancellationToken cancellationToken)
    {
        // Its size first: a file that has grown beyond all measure must not be read into memory.
        var key = CheckpointLayout.Key(record.Saved.Id, path);
        var expected = await StatAsync(path, key, FileAt(path), cancellationToken).ConfigureAwait(false);
        var stored = await GuardAsync(path, async () => await storage.ReadAllAsync(key, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        var content = stored?.Content ?? throw Damaged(path, "is missing");
        if (FileDigest.Of(content.Span) is var found && found != expected.Xxh128)
            throw Damaged(path, $"has the digest {found}; {expected.Xxh128} was written");
        try
        {
            return JsonNode.Parse(content.Span)?.AsObject() ?? throw new JsonException("it is null");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Damaged(path, $"is not valid JSON ({CheckpointJson.Reason(e)})", e);
        }
    }

    /// <summary>Puts a model into the stored state.</summary>
    /// <exception cref="DamagedCheckpointException">A file is not what was written, or does not hold the model's tensors; the model
    /// is then in no particular state.</exception>
    public async Task RestoreAsync(int index, string id, IStateful model, CancellationToken cancellationToken)
    {
        var path = CheckpointLayout.ModelDescription(id);
        var description = await ReadJsonAsync(path, cancellationToken).ConfigureAwait(false);
        try
        {
            model.RestoreState(description["state"]?.DeepClone().AsObject() ?? []);
        }
        catch (FormatException e)
        {
            throw Damaged(path, $"holds a state that the model does not take ({e.Message.TrimEnd('.')})", e);
        }

        var tensors = model.Tensors.ToLookup(tensor => tensor.Part);
        await LoadPartAsync(CheckpointLayout.Adapter(index), [.. tensors[TensorPart.Adapter]], cancellationToken).ConfigureAwait(false);
        await LoadPartAsync(CheckpointLayout.Weights(id), [.. tensors[TensorPart.Weights]], cancellationToken).ConfigureAwait(false);
        await LoadPartAsync(CheckpointLayout.OptimizerState(id), [.. tensors[TensorPart.OptimizerState]], cancellationToken).ConfigureAwait(false);
        await LoadBaseAsync(path, (string?)description["base_weights"], model, [.. tensors[TensorPart.Frozen]], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads every file to its last byte.</summary>
    /// <param name="sharedSoFar">What is wrong with base weights that have been read already, by key; null for what is whole.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>What is wrong, one entry per file; empty when nothing is.</returns>
    public async Task<IReadOnlyList<DamagedCheckpointException>> VerifyAsync(Dictionary<string, string?> sharedSoFar, CancellationToken cancellationToken)
    {
        var damage = new List<DamagedCheckpointException>();
        foreach (var (path, expected) in record.Files)
        {
            if (await CheckAsync(path, CheckpointLayout.Key(record.Saved.Id, path), expected, cancellationToken).ConfigureAwait(false) is { } problem)
                damage.Add(Damaged(path, problem));
        }

        foreach (var (digest, expected) in record.BaseWeights)
        {
            var key = CheckpointLayout.BaseWeights(digest);
            if (!sharedSoFar.TryGetValue(key, out var problem))
                sharedSoFar[key] = problem = await CheckAsync(key, key, expected, cancellationToken).ConfigureAwait(false);
            if (problem is not null)
                damage.Add(Damaged(key, problem));
        }

        return damage;
    }

    /// <summary>Opens a file of tensors whose every byte has been checked.</summary>
    /// <exception cref="DamagedCheckpointException">It is not what was written.</exception>
    public async Task<TensorFile> OpenTensorsAsync(string path, CancellationToken cancellationToken)
    {
        var digest = CheckpointLayout.BaseWeightsOf(path);
        var key = digest is null ? CheckpointLayout.Key(record.Saved.Id, path) : path;
        var expected = await StatAsync(path, key, digest is null ? FileAt(path) : BaseWeightsAt(digest), cancellationToken).ConfigureAwait(false);
        if (await CheckAsync(path, key, expected, cancellationToken).ConfigureAwait(false) is { } problem)
            throw Damaged(path, problem);
        return await OpenAsync(path, key, expected, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How many bytes a file was written with, base weights included; 0 where nobody recorded it.</summary>
    public long LengthOf(string path) => Math.Max(0, (CheckpointLayout.BaseWeightsOf(path) is { } digest ? BaseWeightsAt(digest) : FileAt(path)).Size);

    /// <summary>What is wrong with a file, base weights included; null when nothing is.</summary>
    public async Task<string?> CheckAsync(string path, string key, FileRecord expected, CancellationToken cancellationToken)
    {
        try
        {
            var file = await StatAsync(path, key, expected, cancellationToken).ConfigureAwait(false);
            return await GuardAsync(path, () => new VerifiedRead(storage, key, file).CheckAsync(cancellationToken)).ConfigureAwait(false);
        }
        catch (DamagedCheckpointException e)
        {
            return e.Problem;
        }
    }

    private Task LoadPartAsync(string path, List<StateTensor> tensors, CancellationToken cancellationToken)
    {
        if (tensors.Count > 0)
            return LoadAsync(path, CheckpointLayout.Key(record.Saved.Id, path), FileAt(path), tensors, cancellationToken);
        return record.Files.ContainsKey(path) ? throw Damaged(path, "holds tensors that the model does not have") : Task.CompletedTask;
    }

    /// <summary>Base weights that the model has already need not be read.</summary>
    private async Task LoadBaseAsync(string description, string? digest, IStateful model, List<StateTensor> frozen, CancellationToken cancellationToken)
    {
        if (digest is null != (frozen.Count == 0))
            throw Damaged(description, digest is null ? "names no base weights, but the model has some" : "names base weights, but the model has none");
        if (digest is null || (await baseWeights.DescribeAsync(model, frozen, cancellationToken).ConfigureAwait(false))?.Xxh128 == digest)
            return;
        var expected = BaseWeightsAt(digest);
        var path = CheckpointLayout.BaseWeights(digest);
        baseWeights.Forget(model);
        await LoadAsync(path, path, expected, frozen, cancellationToken).ConfigureAwait(false);
    }

    private async Task LoadAsync(string path, string key, FileRecord expected, List<StateTensor> tensors, CancellationToken cancellationToken)
    {
        expected = await StatAsync(path, key, expected, cancellationToken).ConfigureAwait(false);
        var file = await OpenAsync(path, key, expected, cancellationToken).ConfigureAwait(false);
        var places = Place(path, file, tensors);
        if (await GuardAsync(path, () => new VerifiedRead(storage, key, expected).ReadAsync(places, cancellationToken)).ConfigureAwait(false) is { } problem)
            throw Damaged(path, problem);
    }

    private List<TensorPlace> Place(string path, TensorFile file, List<StateTensor> tensors)
    {
        if (file.Tensors.Length != tensors.Count)
            throw Damaged(path, $"holds {file.Tensors.Length} tensors; the model has {tensors.Count}");
        var places = new List<TensorPlace>(tensors.Count);
        foreach (var tensor in tensors)
        {
            var stored = file.Find(tensor.Info.Name) ?? throw Damaged(path, $"holds no tensor '{tensor.Info.Name}'");
            if (!stored.Info.Equals(tensor.Info))
                throw Damaged(path, $"holds {stored.Info}; the model has {tensor.Info}");
            if (!stored.IsContiguous)
                throw Damaged(path, $"holds {stored.Info} as a view");
            if (tensor.Info.ByteLength > 0)
                places.Add(new(stored.Offset, tensor));
        }

        places.Sort((left, right) => left.Offset.CompareTo(right.Offset));
        for (var index = 1; index < places.Count; index++)
        {
            if (places[index].Offset < places[index - 1].End)
                throw Damaged(path, $"holds tensors that share bytes ({places[index].Tensor.Info.Name})");
        }

        return places;
    }

    /// <summary>Opens a table that has not been checked yet. One that cannot be read is most likely damaged: then its digest says so.</summary>
    private Task<TensorFile> OpenAsync(string path, string key, FileRecord expected, CancellationToken cancellationToken) =>
        GuardAsync(path, async () =>
        {
            try
            {
                var source = new BlockSource(new StorageSource(storage, new(key, expected.Size, "", default)));
                return path.EndsWith(".pt", StringComparison.Ordinal)
                    ? await PtReader.OpenAsync(source, cancellationToken).ConfigureAwait(false)
                    : await SafetensorsReader.OpenAsync(source, cancellationToken).ConfigureAwait(false);
            }
            catch (CheckpointFormatException e)
            {
                var problem = await new VerifiedRead(storage, key, expected).CheckAsync(cancellationToken).ConfigureAwait(false);
                throw Damaged(path, problem ?? $"cannot be read: {e.Problem}", e);
            }
        });

    /// <summary>What is expected of a file, once it is known to be there and as long as it should be.</summary>
    /// <exception cref="DamagedCheckpointException">It is not.</exception>
    public async Task<FileRecord> StatAsync(string path, string key, FileRecord expected, CancellationToken cancellationToken)
    {
        var info = await GuardAsync(path, async () => await storage.StatAsync(key, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false)
            ?? throw Damaged(path, "is missing");
        if (expected.Size < 0)
            return expected with { Size = info.Length };
        return info.Length == expected.Size ? expected : throw Damaged(path, $"has {info.Length} bytes; {expected.Size} were written");
    }

    private FileRecord FileAt(string path) => record.Files.TryGetValue(path, out var file) ? file : throw Damaged(path, "is not among its files");

    private FileRecord BaseWeightsAt(string digest) => record.BaseWeights.TryGetValue(digest, out var file)
        ? file
        : throw Damaged(CheckpointLayout.BaseWeights(digest), "is not among the base weights that its metadata names");

    /// <summary>A file that a storage can never read is as damaged as one with other bytes.</summary>
    private static async Task<T> GuardAsync<T>(string id, string path, Func<Task<T>> read)
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind is StorageErrorKind.NotFound or StorageErrorKind.Permanent)
        {
            throw new DamagedCheckpointException(id, path, $"cannot be read ({e.Message.TrimEnd('.')})", e);
        }
    }

    private Task<T> GuardAsync<T>(string path, Func<Task<T>> read) => GuardAsync(record.Saved.Id, path, read);

    private DamagedCheckpointException Damaged(string path, string problem, Exception? cause = null) =>
        new(record.Saved.Id, path, problem, cause);
}
