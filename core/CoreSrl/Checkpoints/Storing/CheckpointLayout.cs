namespace CoreSrl.Checkpoints.Storing;

/// <summary>Where everything lies in a checkpoint directory, as keys of its storage.</summary>
internal static class CheckpointLayout
{
    /// <summary>Written last: a checkpoint exists if and only if this file does.</summary>
    public const string Metadata = "metadata.json";

    public const string TrainingState = "training_state.json";

    /// <summary>Says whose the directory is.</summary>
    public const string Claim = "claim.json";

    public const string BaseWeightsFolder = "base_weights/";

    private static readonly string[] Folders = ["model_weights/", "lora_weights/", "optimizer_state/"];

    public static string Adapter(int modelIndex) => $"lora_weights/lora_{modelIndex}.pt";

    public static string ModelDescription(string modelId) => $"model_weights/{modelId}.json";

    public static string Weights(string modelId) => $"model_weights/{modelId}.safetensors";

    public static string OptimizerState(string modelId) => $"optimizer_state/{modelId}.safetensors";

    public static string BaseWeights(string digest) => $"{BaseWeightsFolder}{digest}.safetensors";

    /// <summary>The key of a checkpoint's file.</summary>
    public static string Key(string checkpointId, string path) => $"{checkpointId}/{path}";

    /// <summary>The digest of the base weights that a key names; null for any other key.</summary>
    public static string? BaseWeightsOf(string key) =>
        key.StartsWith(BaseWeightsFolder, StringComparison.Ordinal) && key.EndsWith(".safetensors", StringComparison.Ordinal)
            ? key[BaseWeightsFolder.Length..^".safetensors".Length]
            : null;

    /// <summary>Whether a text can be the XXH128 digest of a file.</summary>
    public static bool IsDigest(string? text) => text is { Length: 32 } && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Whether a checkpoint can have a file of that path beside its metadata.</summary>
    public static bool IsDataFile(string path) =>
        path == TrainingState || Folders.Any(folder => path.StartsWith(folder, StringComparison.Ordinal) && path[folder.Length..] is not ("" or "." or "..") && !path[folder.Length..].Contains('/', StringComparison.Ordinal));

    /// <summary>Whether a claim can announce it: a checkpoint, by id, or base weights, by key.</summary>
    public static bool IsAnnounceable(string? key) =>
        key is not null && IsId(BaseWeightsOf(key) ?? key);

    /// <summary>Whether a checkpoint can have that name.</summary>
    public static bool IsId(string name) =>
        name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-') && name is not ("." or "..");

    /// <summary>Whether a key is a file of that checkpoint, and not something that somebody else put into its folder.</summary>
    public static bool IsFileOf(string checkpointId, string key)
    {
        if (!key.StartsWith(checkpointId + "/", StringComparison.Ordinal))
            return false;
        var path = key[(checkpointId.Length + 1)..];
        return path is Metadata or TrainingState || Folders.Any(folder => path.StartsWith(folder, StringComparison.Ordinal));
    }
}
