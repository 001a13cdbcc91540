namespace CoreSrl.Abstractions;

/// <summary>Which part of a model a tensor belongs to; it decides in which file of a checkpoint the tensor lies.</summary>
public enum TensorPart
{
    /// <summary>Never changed by training (a base model under LoRA). Not copied at a checkpoint; stored once per run.</summary>
    Frozen,

    /// <summary>Weights outside an adapter that training changes: <c>model_weights/ID.safetensors</c>.</summary>
    Weights,

    /// <summary>The adapter that training changes: <c>lora_weights/lora_N.pt</c>.</summary>
    Adapter,

    /// <summary>What the optimizer remembers: <c>optimizer_state/ID.safetensors</c>.</summary>
    OptimizerState,
}
