using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CoreSrl.Torch.HuggingFace;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>
/// Reads the tokenizer of a Hugging Face folder: <c>tokenizer.json</c>, or <c>vocab.json</c>, <c>merges.txt</c> and
/// <c>tokenizer_config.json</c>. What a byte-level byte-pair encoding is not made of is refused by name. Keys: the serialisation of
/// Hugging Face's tokenizers.
/// </summary>
internal static class TokenizerFile
{
    private const string Name = "tokenizer.json";
    private const int LargestId = (1 << 24) - 1;

    /// <summary>How long a pattern may take for one word: whoever made the file may have made one that never ends.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private const string Remedy = "Choose a model with a byte-level BPE tokenizer, such as those of the Qwen3, Qwen2 and Llama 3 families";

    /// <summary>The pattern of those whose files hold none: Qwen2Tokenizer in transformers' tokenization_qwen2.py.</summary>
    private const string QwenPattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>Reads it.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <exception cref="InvalidOperationException">A file is missing or not what it should be, or is of another kind: the message says
    /// which, and what to do.</exception>
    public static TokenizerDescription Read(string folder)
    {
        var path = Path.Combine(folder, Name);
        if (!File.Exists(path))
            return ReadParts(folder);
        var json = Parse(path);
        try
        {
            return Describe(path, json);
        }
        catch (Exception e) when (IsFault(e))
        {
            throw new TokenizerException(path, $"it is not what the tokenizers library writes ({e.Message.TrimEnd('.')})", Remedy, e);
        }
    }

    private static TokenizerDescription Describe(string path, JsonObject json)
    {
        var model = json["model"] ?? throw new TokenizerException(path, "it lacks 'model'", Remedy);
        RequireValue(path, model, "type", "BPE");
        foreach (var option in new[] { "byte_fallback", "fuse_unk" })
        {
            if (model[option] is { } value && (bool)value)
                throw Unsupported(path, option, value);
        }

        foreach (var option in new[] { "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix" })
        {
            if (model[option] is { } value && value.ToString().Length > 0)
                throw Unsupported(path, option, value);
        }

        var vocabulary = Numbers(Required(model["vocab"]));
        var added = (json["added_tokens"]?.AsArray() ?? []).Select(Required)
            .ToDictionary(token => (string)Required(token["content"])!, token => new AddedToken((int)Required(token["id"]), (bool?)token["special"] ?? true));
        RequireIds(path, vocabulary, added);
        RequirePlain(path, json["added_tokens"]?.AsArray() ?? []);
        var merges = Required(model["merges"]).AsArray().Select(Required)
            .Select(merge => merge is JsonArray pair ? string.Join(' ', pair.Select(part => (string?)part)) : (string)merge!).ToList();
        RequireTokens(path, merges, vocabulary);
        return new(vocabulary, added)
        {
            Merges = merges,
            Pattern = ReadPattern(path, json["pre_tokenizer"]),
            IsNormalized = ReadNormalizer(path, json["normalizer"]),
            TakesWholeWords = (bool?)model["ignore_merges"] ?? false,
            BeginOfText = ReadBeginning(path, json["post_processor"], [.. vocabulary.Values, .. added.Values.Select(token => token.Id)]),
        };
    }

    private static Regex ReadPattern(string path, JsonNode? node)
    {
        Regex? pattern = null;
        foreach (var step in Steps(node, "pretokenizers"))
        {
            switch ((string?)step["type"])
            {
                case "Split" when pattern is null && (string?)step["behavior"] == "Isolated" && (bool?)step["invert"] is not true && step["pattern"] is { } split && split["Regex"] is { } regex:
                    pattern = Compile((string?)regex ?? "");
                    break;
                case "ByteLevel" when (bool?)step["add_prefix_space"] is false && (bool?)step["use_regex"] is false:
                    break;
                default:
                    throw Unsupported(path, "pre_tokenizer", step);
            }
        }

        return pattern ?? throw new TokenizerException(path, "its 'pre_tokenizer' splits by no pattern", Remedy);
    }

    private static Regex Compile(string pattern) => new(pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled, Patience);

    private static bool ReadNormalizer(string path, JsonNode? node)
    {
        var steps = Steps(node, "normalizers");
        return steps.FirstOrDefault(step => (string?)step["type"] != "NFC") is { } other ? throw Unsupported(path, "normalizer", other) : steps.Count > 0;
    }

    // Llama's files say by a template which token stands before a text; what stands behind one is not for prompts.
    private static int? ReadBeginning(string path, JsonNode? node, HashSet<int> known)
    {
        foreach (var step in Steps(node, "processors"))
        {
            switch ((string?)step["type"])
            {
                case "ByteLevel":
                    break;
                case "TemplateProcessing" when step["single"]?.AsArray() is [{ } first, ..]:
                    if ((string?)first["SpecialToken"]?["id"] is not { } name)
                        break;
                    if (step["special_tokens"]?[name]?["ids"]?.AsArray() is not [{ } id, ..])
                        throw new TokenizerException(path, $"its 'post_processor' begins texts with '{name}', which it does not explain", Remedy);
                    return known.Contains((int)id) ? (int)id : throw new TokenizerException(path, $"its 'post_processor' begins texts with token {id}, which there is not", Remedy);
                default:
                    throw Unsupported(path, "post_processor", step);
            }
        }

        return null;
    }

    private static List<JsonNode> Steps(JsonNode? node, string within) =>
        node is null ? [] : (string?)node["type"] == "Sequence" ? [.. node[within]!.AsArray().OfType<JsonNode>()] : [node];

    private static TokenizerDescription ReadParts(string folder)
    {
        var (vocabulary, merges, config) = (Path.Combine(folder, "vocab.json"), Path.Combine(folder, "merges.txt"), Path.Combine(folder, "tokenizer_config.json"));
        if (new[] { vocabulary, merges, config }.FirstOrDefault(file => !File.Exists(file)) is { } missing)
            throw new TokenizerException(folder, $"it holds no {Name}, and no {Path.GetFileName(missing)} either", Remedy);
        var settings = Parse(config);
        if (!(settings["tokenizer_class"] is JsonValue value && value.TryGetValue<string>(out var kind) && kind is "Qwen2Tokenizer" or "Qwen2TokenizerFast"))
            throw Unsupported(config, "tokenizer_class", settings["tokenizer_class"] ?? "missing");
        GitLfs.RefusePointer(merges);
        try
        {
            var tokens = Numbers(Parse(vocabulary));
            var added = (settings["added_tokens_decoder"]?.AsObject() ?? []).Select(token => (Id: int.Parse(token.Key), Token: Required(token.Value)))
                .ToDictionary(entry => (string)Required(entry.Token["content"])!, entry => new AddedToken(entry.Id, (bool?)entry.Token["special"] ?? true));
            RequireIds(vocabulary, tokens, added);
            RequirePlain(config, settings["added_tokens_decoder"]?.AsObject().Select(token => token.Value) ?? []);
            var pairs = File.ReadLines(merges).Where((line, i) => line.Length > 0 && !(i == 0 && line.StartsWith("#version", StringComparison.Ordinal))).ToList();
            RequireTokens(merges, pairs, tokens);
            return new(tokens, added)
            {
                Merges = pairs,
                Pattern = Compile(QwenPattern),
                IsNormalized = true,
            };
        }
        catch (Exception e) when (IsFault(e))
        {
            throw new TokenizerException(vocabulary, $"it or {Path.GetFileName(config)} does not hold tokens and their ids ({e.Message.TrimEnd('.')})", Remedy, e);
        }
    }

    private static Dictionary<string, int> Numbers(JsonNode vocabulary) => vocabulary.AsObject().ToDictionary(entry => entry.Key, entry => (int)Required(entry.Value));

    private static void RequireIds(string path, Dictionary<string, int> vocabulary, Dictionary<string, AddedToken> added)
    {
        if (vocabulary.Count == 0)
            throw new TokenizerException(path, "it holds no tokens", Remedy);
        foreach (var (token, id) in vocabulary.Concat(added.Select(token => KeyValuePair.Create(token.Key, token.Value.Id))))
        {
            if (id is < 0 or > LargestId)
                throw new TokenizerException(path, $"its token '{token}' is number {id}, {(id < 0 ? "and numbers begin at 0" : "which is not plausible")}", Remedy);
        }
    }

    // A token that takes the spaces around it along, or stands for itself only between them.
    private static void RequirePlain(string path, IEnumerable<JsonNode?> added)
    {
        foreach (var token in added)
        {
            foreach (var option in new[] { "lstrip", "rstrip", "single_word" })
            {
                if (token![option] is { } value && (bool)value)
                    throw Unsupported(path, $"{option}' of token '{token["content"]}", value);
            }
        }
    }

    private static void RequireTokens(string path, List<string> merges, Dictionary<string, int> vocabulary)
    {
        for (var i = 0; i < merges.Count; i++)
        {
            if (merges[i].Split(' ') is not [var left, var right] || !(vocabulary.ContainsKey(left) && vocabulary.ContainsKey(right) && vocabulary.ContainsKey(left + right)))
                throw new TokenizerException(path, $"its merge {i + 1}, '{merges[i]}', is not of two tokens that make a third", Remedy);
        }
    }

    private static JsonObject Parse(string path)
    {
        GitLfs.RefusePointer(path);
        try
        {
            return JsonNode.Parse(File.ReadAllBytes(path)) as JsonObject ?? throw new TokenizerException(path, "it is not a JSON object", Remedy);
        }
        catch (JsonException e)
        {
            throw new TokenizerException(path, $"it is not JSON: {e.Message.TrimEnd('.')}", Remedy, e);
        }
    }

    private static JsonNode Required(JsonNode? node) => node ?? throw new FormatException("a value is missing");

    // What System.Text.Json throws when a value is of another kind than it is read as, and dictionaries when a key is there already.
    private static bool IsFault(Exception e) => e is InvalidOperationException or FormatException or OverflowException or ArgumentException && e is not TokenizerException;

    private static void RequireValue(string path, JsonNode node, string key, string expected)
    {
        if ((string?)node[key] != expected)
            throw Unsupported(path, key, node[key] ?? "missing");
    }

    private static TokenizerException Unsupported(string path, string key, JsonNode value)
    {
        const int longest = 120;
        var text = value.ToJsonString();
        return new(path, $"its '{key}' is {(text.Length <= longest ? text : text[..longest] + "…")}, which Core SRL does not do", Remedy);
    }
}
