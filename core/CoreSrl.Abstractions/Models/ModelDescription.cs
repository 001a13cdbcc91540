using System.Text.Json.Nodes;

namespace CoreSrl.Abstractions;

/// <summary>What a model is: enough to see, before any tensor is touched, whether a checkpoint fits it.</summary>
public sealed record ModelDescription
{
    /// <summary>A short word for listings and file names in the guide's sense: <c>qwen3</c>, <c>openai</c>, ….</summary>
    public required string Kind { get; init; }

    /// <summary>
    /// Everything that makes earlier state unusable when it changes (layer count, widths, LoRA rank, …), as a flat object whose keys
    /// are named like the options that set them. On resume the trainer compares it value by value and names each difference.
    /// </summary>
    public required JsonObject Architecture { get; init; }

    /// <summary>Whether the model can learn at all; one that cannot plays and is scored like the others.</summary>
    public bool Trainable { get; init; } = true;

    /// <summary>The adapter in the terms of PEFT's <c>adapter_config.json</c>; null when there is none.</summary>
    public JsonObject? Adapter { get; init; }
}
