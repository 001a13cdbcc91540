using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Unicode;

namespace CoreSrl.Formats.Peft;

/// <summary>
/// Reads an <c>adapter_config.json</c>. Each option is either read, known to matter for nothing that a trained adapter does, or at
/// the value that turns it off; any other is refused by name, those of later PEFT versions included.
/// </summary>
internal sealed class PeftConfigReader
{
    /// <summary>The longest file that is read, in bytes: a pattern for each of 10,000 modules fits in.</summary>
    public const int MaxLength = 1 << 20;

    // Read but without a meaning for a trained adapter: notes, what only training begins with, defaults of what another option
    // turns on. PEFT itself ignores a runtime_config.
    private static readonly string[] PassedOver =
    [
        "inference_mode", "auto_mapping", "peft_version", "runtime_config", "megatron_core", "qalora_group_size",
        "loftq_config", "eva_config", "corda_config", "lora_ga_config",
    ];

    // The other ways to begin (pissa, olora, loftq, corda, …) change the base model's weights, and the adapter fits only those.
    private static readonly string[] InitialWeights = ["gaussian", "orthogonal", "eva"];

    private readonly string _file;
    private readonly Dictionary<string, JsonElement> _options;

    private PeftConfigReader(string file, JsonElement root)
    {
        _file = file;
        _options = root.EnumerateObject().ToDictionary(option => option.Name, option => option.Value, StringComparer.Ordinal);
    }

    /// <summary>What the file says.</summary>
    /// <exception cref="CheckpointFormatException">It is not JSON, a key occurs twice, or an option is missing, of the wrong kind,
    /// or not supported.</exception>
    public static PeftConfig Parse(string file, ReadOnlyMemory<byte> json)
    {
        if (!Utf8.IsValid(json.Span))
            throw new CheckpointFormatException(file, "it is not UTF-8", Remedy);
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new PeftConfigReader(file, document.RootElement).Read()
                : throw new CheckpointFormatException(file, "it is not a JSON object", Remedy);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: an escaped half of a surrogate pair, which is no text.
            throw new CheckpointFormatException(file, $"it is not JSON: {e.Message.TrimEnd('.')}", Remedy, e);
        }
    }

    private const string Remedy = "Restore the file from a good copy, or save the adapter again with PEFT's save_pretrained";

    private PeftConfig Read()
    {
        RequireText("peft_type", "LORA");
        var (modules, pattern) = TakeTargets();
        var config = new PeftConfig
        {
            Rank = ToRank("r", Require("r")),
            Alpha = ToNumber("lora_alpha", Require("lora_alpha")),
            Dropout = TakeDropout(),
            IsRankStabilized = TakeFlag("use_rslora"),
            TargetModules = modules,
            TargetPattern = pattern,
            RankPattern = TakePatterns("rank_pattern", ToRank),
            AlphaPattern = TakePatterns("alpha_pattern", ToNumber),
            ModulesToSave = Take("modules_to_save") is { } saved ? ToTexts("modules_to_save", saved) : [],
            BaseModel = TakeText("base_model_name_or_path"),
            Revision = TakeText("revision"),
            TaskType = TakeText("task_type"),
        };
        if (_options.ContainsKey("bias"))
            RequireText("bias", "none");
        CheckInitialWeights();
        RefuseOthers();
        return config;
    }

    private (ImmutableArray<string> Modules, string? Pattern) TakeTargets()
    {
        var targets = Require("target_modules");
        if (targets.ValueKind == JsonValueKind.String)
            return ([], targets.GetString());
        var modules = ToTexts("target_modules", targets);
        return modules.IsEmpty ? throw Refuse("its 'target_modules' names no module") : (modules, null);
    }

    private double TakeDropout()
    {
        var dropout = Take("lora_dropout") is { } value ? ToNumber("lora_dropout", value) : 0;
        return dropout is >= 0 and < 1 ? dropout : throw Refuse($"its 'lora_dropout' is {dropout}, not from 0 to below 1");
    }

    private bool TakeFlag(string key) => Take(key) is not { } value
        ? false
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw WrongKind(key, value, "true or false");

    private string? TakeText(string key) => Take(key) is not { } value
        ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString() : throw WrongKind(key, value, "a text");

    private ImmutableArray<KeyValuePair<string, T>> TakePatterns<T>(string key, Func<string, JsonElement, T> convert)
    {
        if (Take(key) is not { } patterns)
            return [];
        if (patterns.ValueKind != JsonValueKind.Object)
            throw WrongKind(key, patterns, "an object");
        return [.. patterns.EnumerateObject().Select(pair => KeyValuePair.Create(pair.Name, convert($"{key}.{pair.Name}", pair.Value)))];
    }

    private void RequireText(string key, string expected)
    {
        var value = Require(key);
        if (value.ValueKind != JsonValueKind.String || value.GetString() != expected)
            throw Refuse($"its '{key}' is {Shown(value)}; only \"{expected}\" is supported");
    }

    private void CheckInitialWeights()
    {
        if (Take("init_lora_weights") is { ValueKind: not (JsonValueKind.True or JsonValueKind.False) } value
            && !(value.ValueKind == JsonValueKind.String && InitialWeights.Contains(value.GetString())))
        {
            throw Unsupported("init_lora_weights", value);
        }
    }

    private void RefuseOthers()
    {
        foreach (var (key, value) in _options)
        {
            var isOff = value.ValueKind switch
            {
                JsonValueKind.Null or JsonValueKind.False => true,
                JsonValueKind.String => value.ValueEquals(""),
                JsonValueKind.Array => value.GetArrayLength() == 0,
                JsonValueKind.Object => value.GetPropertyCount() == 0,
                _ => false,
            };
            if (!isOff && !PassedOver.Contains(key))
                throw Unsupported(key, value);
        }
    }

    private int ToRank(string key, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var rank) && rank >= 1
            ? rank
            : throw WrongKind(key, value, "a whole number from 1 on");

    private double ToNumber(string key, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : throw WrongKind(key, value, "a number");

    private ImmutableArray<string> ToTexts(string key, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
            throw WrongKind(key, value, "a list of names");
        var texts = ImmutableArray.CreateBuilder<string>(value.GetArrayLength());
        foreach (var item in value.EnumerateArray())
            texts.Add(item.ValueKind == JsonValueKind.String && item.GetString() is { Length: > 0 } text ? text : throw WrongKind(key, value, "a list of names"));
        return texts.MoveToImmutable();
    }

    private JsonElement Require(string key) => Take(key) ?? throw Refuse($"it lacks '{key}'");

    /// <summary>An option that is there and not null; what is left at the end is what nothing has asked for.</summary>
    private JsonElement? Take(string key) =>
        _options.Remove(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private CheckpointFormatException WrongKind(string key, JsonElement value, string kind) => Refuse($"its '{key}' is {Shown(value)}, not {kind}");

    private CheckpointFormatException Unsupported(string key, JsonElement value) => new(
        _file,
        $"its option '{key}' is {Shown(value)}, which Core SRL does not do",
        "Merge the adapter into its base model with PEFT, or train one without this option");

    private CheckpointFormatException Refuse(string problem) => new(_file, problem, Remedy);

    private static string Shown(JsonElement value)
    {
        const int longest = 80;
        var text = value.GetRawText();
        return text.Length <= longest ? text : text[..longest] + "…";
    }
}
