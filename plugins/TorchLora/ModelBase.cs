using System.Text.Json.Nodes;
using CoreSrl.Torch;
using CoreSrl.Torch.HuggingFace;
using static TorchSharp.torch;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>What a model is built on: frozen weights, and how its texts become tokens. Models of one folder share theirs.</summary>
/// <param name="Kind">The family: qwen3, qwen2 or llama.</param>
/// <param name="Weights">The weights.</param>
/// <param name="Tokenizer">The tokenizer.</param>
/// <param name="Origin">What tells this base from another of the same shape, recorded with the model.</param>
internal sealed record ModelBase(string Kind, DecoderWeights Weights, ITokenizer Tokenizer, JsonObject Origin) : IDisposable
{
    private static readonly SemaphoreSlim Gate = new(1);
    private static readonly Dictionary<(string Path, ScalarType Type, string Device), ModelBase> Loaded = [];

    private int _users = 1;

    /// <summary>Random weights of the options' shape, that read and write bytes.</summary>
    public static ModelBase Random(TorchLoraOptions options, ulong seed, Device device)
    {
        var tokenizer = new ByteTokenizer();
        var shape = options.Decoder(tokenizer.VocabularySize);
        return new("qwen3", DecoderWeights.Random(shape, SeededFill.Derive(seed, "base"), device), tokenizer, new() { [nameof(options.BaseSeed)] = seed });
    }

    /// <summary>A pretrained model's folder; one that is loaded already is not loaded again.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="type">float32 or bfloat16; null for the type of its weights.</param>
    /// <param name="device">Where the weights shall lie.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static async Task<ModelBase> OfFolderAsync(string path, string? type, Device device, CancellationToken cancellationToken)
    {
        var folder = await HuggingFaceFolder.OpenAsync(Path.GetFullPath(path), cancellationToken).ConfigureAwait(false);
        var wanted = type switch { null => folder.Type, "bfloat16" => ScalarType.BFloat16, _ => ScalarType.Float32 };
        await Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var key = (WithoutLinks(folder.Path), wanted, device.ToString());
            if (Loaded.TryGetValue(key, out var loaded) && loaded._users++ > 0)
                return loaded;
            return Loaded[key] = await LoadAsync(folder, wanted, device, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Gate.Release();
        }
    }

    /// <summary>One model less uses it; with the last one the weights go.</summary>
    public void Dispose()
    {
        Gate.Wait();
        try
        {
            if (--_users > 0)
                return;
            foreach (var key in Loaded.Where(entry => ReferenceEquals(entry.Value, this)).Select(entry => entry.Key).ToList())
                Loaded.Remove(key);
            Weights.Dispose();
        }
        finally
        {
            Gate.Release();
        }
    }

    // The one path of a folder, however it is spelled.
    private static string WithoutLinks(string path)
    {
        path = Path.TrimEndingDirectorySeparator(path);
        if (Path.GetDirectoryName(path) is not { } parent)
            return path;
        var here = Path.Combine(WithoutLinks(parent), Path.GetFileName(path));
        return Directory.ResolveLinkTarget(here, returnFinalTarget: true) is { } target ? WithoutLinks(target.FullName) : here;
    }

    private static async Task<ModelBase> LoadAsync(HuggingFaceFolder folder, ScalarType type, Device device, CancellationToken cancellationToken)
    {
        var tokens = TokenizerFile.Read(folder.Path);
        if (tokens.VocabularySize > folder.Config.VocabularySize)
        {
            throw new TokenizerException(
                folder.Path,
                $"its tokenizer has tokens up to {tokens.VocabularySize - 1}, and its weights rows up to {folder.Config.VocabularySize - 1}",
                "Fetch the model anew");
        }

        // Before the weights: it may fail, and is quick.
        var tokenizer = new BytePairTokenizer(tokens, folder.EndTokens);
        var weights = await folder.LoadAsync(type, device, cancellationToken).ConfigureAwait(false);
        return new(folder.Family, weights, tokenizer, new() { ["Type"] = type == ScalarType.BFloat16 ? "bfloat16" : "float32" });
    }
}
