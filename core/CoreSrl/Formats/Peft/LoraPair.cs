namespace CoreSrl.Formats.Peft;

/// <summary>The two matrices by which an adapter changes one module: y = W x + scale · B A x.</summary>
public sealed record LoraPair
{
    /// <summary>The module's path in the base model: <c>model.layers.0.self_attn.q_proj</c>.</summary>
    public required string Module { get; init; }

    /// <summary>A: [rank, inputs].</summary>
    public required StoredTensor A { get; init; }

    /// <summary>B: [outputs, rank].</summary>
    public required StoredTensor B { get; init; }

    /// <summary>The rank, as the config and both matrices say.</summary>
    public required int Rank { get; init; }

    /// <summary>The module's alpha, as the config says.</summary>
    public required double Alpha { get; init; }

    /// <summary>What B A x is multiplied by: alpha / rank, or alpha / √rank when rank-stabilized.</summary>
    public required double Scale { get; init; }
}
