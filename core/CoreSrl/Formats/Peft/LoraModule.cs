namespace CoreSrl.Formats.Peft;

/// <summary>What a config says of a module that carries an adapter.</summary>
/// <param name="Name">The module's path in the base model: <c>model.layers.0.self_attn.q_proj</c>.</param>
/// <param name="Rank">Its rank.</param>
/// <param name="Alpha">Its alpha.</param>
/// <param name="Scale">What B A x is multiplied by: alpha / rank, or alpha / √rank when rank-stabilized.</param>
public sealed record LoraModule(string Name, int Rank, double Alpha, double Scale);
