namespace CoreSrl.Checkpoints;

/// <summary>Where everything lies in a checkpoint directory, as keys of its storage.</summary>
internal static class CheckpointLayout
{
    /// <summary>Written last: a checkpoint exists if and only if this file does.</summary>
    public const string Metadata = "metadata.json";

    public const string TrainingState = "training_state.json";

    public const string BaseWeightsFolder = "base_weights/";

    public static string Adapter(int modelIndex) => $"lora_weights/lora_{modelIndex}.pt";

    public static string ModelDescription(string modelId) => $"model_weights/{modelId}.json";

    public static string Weights(string modelId) => $"model_weights/{modelId}.safetensors";

    public static string OptimizerState(string modelId) => $"optimizer_state/{modelId}.safetensors";

    public static string BaseWeights(string digest) => $"{BaseWeightsFolder}{digest}.safetensors";

    /// <summary>The key of a checkpoint's file.</summary>
    public static string Key(string checkpointId, string path) => $"{checkpointId}/{path}";

    /// <summary>The id of the checkpoint that a key commits; null for any other key.</summary>
    public static string? CommittedBy(string key) =>
        key.EndsWith("/" + Metadata, StringComparison.Ordinal) && key.IndexOf('/', StringComparison.Ordinal) == key.Length - Metadata.Length - 1
            ? key[..^(Metadata.Length + 1)]
            : null;
}
