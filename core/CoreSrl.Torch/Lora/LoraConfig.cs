using System.Text.Json.Nodes;

namespace CoreSrl.Torch;

/// <summary>An adapter in the terms of PEFT's <c>adapter_config.json</c>.</summary>
public sealed record LoraConfig
{
    /// <summary><c>r</c>: the rank, at least 1.</summary>
    public required int Rank { get; init; }

    /// <summary><c>lora_alpha</c>: the adapter's output is scaled by this over the rank.</summary>
    public required double Alpha { get; init; }

    /// <summary><c>lora_dropout</c>: the share of inputs dropped while learning, 0 to below 1.</summary>
    public double Dropout { get; init; }

    /// <summary><c>target_modules</c>: which of <see cref="DecoderConfig.ProjectionNames"/> carry an adapter.</summary>
    public required IReadOnlyList<string> TargetModules { get; init; }

    /// <summary>The same as PEFT writes it.</summary>
    public JsonObject ToJson() => new()
    {
        ["peft_type"] = "LORA",
        ["task_type"] = "CAUSAL_LM",
        ["r"] = Rank,
        ["lora_alpha"] = Alpha,
        ["lora_dropout"] = Dropout,
        ["target_modules"] = new JsonArray([.. TargetModules.Select(name => JsonValue.Create(name))]),
        ["bias"] = "none",
    };
}
