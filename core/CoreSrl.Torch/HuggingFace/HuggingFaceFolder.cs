using CoreSrl.Formats;
using static TorchSharp.torch;

namespace CoreSrl.Torch.HuggingFace;

/// <summary>
/// A model's folder as transformers' <c>save_pretrained</c> writes it: <c>config.json</c>, and its weights in <c>model.safetensors</c> or
/// in the shards that <c>model.safetensors.index.json</c> names.
/// </summary>
public sealed class HuggingFaceFolder
{
    private readonly HuggingFaceDescription _description;

    private HuggingFaceFolder(string path, HuggingFaceDescription description)
    {
        Path = path;
        _description = description;
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary><c>model_type</c>: qwen3, qwen2 or llama.</summary>
    public string Family => _description.Family;

    /// <summary>The decoder's shape.</summary>
    public DecoderConfig Config => _description.Decoder;

    /// <summary>The type in which the weights were made: float32 or bfloat16.</summary>
    public ScalarType Type => _description.Type;

    /// <summary><c>eos_token_id</c> of <c>config.json</c> and <c>generation_config.json</c>: the tokens that end a text; empty when neither says.</summary>
    public IReadOnlyList<int> EndTokens => _description.EndTokens;

    /// <summary>Reads what the model is; the weights are not touched yet.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="CheckpointFormatException">There is no such model, or one that the decoder cannot be: the message says which
    /// option.</exception>
    public static async Task<HuggingFaceFolder> OpenAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        var file = System.IO.Path.Combine(path, HuggingFaceConfig.FileName);
        var json = await SmallFile.ReadAsync(file, HuggingFaceConfig.MaxLength, cancellationToken).ConfigureAwait(false)
            ?? throw new CheckpointFormatException(path, $"it holds no {HuggingFaceConfig.FileName}", "Name a folder in which transformers' save_pretrained put a model");
        var description = HuggingFaceConfig.Parse(file, json);
        // Chat models end a turn with a token that is told there alone.
        var generation = System.IO.Path.Combine(path, HuggingFaceConfig.GenerationFileName);
        return await SmallFile.ReadAsync(generation, HuggingFaceConfig.MaxLength, cancellationToken).ConfigureAwait(false) is { } more
            ? new(path, description with { EndTokens = [.. description.EndTokens.Union(HuggingFaceConfig.ParseEnds(generation, more, description.Decoder.VocabularySize))] })
            : new(path, description);
    }

    /// <summary>
    /// The weights, each of them checked for its name, shape and type. Files are mapped into memory: a tensor of the wanted type is the
    /// file's own bytes, shared with every process that maps them, and costs memory when it is used; one of another type, and all on a
    /// GPU, are converted, several tensors at a time. While mapped weights are in use their files must stay as they are: where one is
    /// cut short, the operating system ends whoever reads what is gone. A folder to be replaced is put beside the old one, or renamed.
    /// </summary>
    /// <param name="type">float32 or bfloat16.</param>
    /// <param name="device">Where the weights shall lie.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="CheckpointFormatException">A file is missing or damaged, or its tensors are not the model's.</exception>
    public async Task<DecoderWeights> LoadAsync(ScalarType type, Device device, CancellationToken cancellationToken = default)
    {
        var files = await WeightFiles.FindAsync(Path, cancellationToken).ConfigureAwait(false);
        using var mapped = await MappedWeights.OpenAsync(files, cancellationToken).ConfigureAwait(false);
        return await Task.Run(() => mapped.ToDecoder(Path, Config, type, device), cancellationToken).ConfigureAwait(false);
    }
}
