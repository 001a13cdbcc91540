namespace CoreSrl.Checkpoints;

/// <summary>As what a model leaves a checkpoint, for other programs.</summary>
public enum ExportFormat
{
    /// <summary>A folder that PEFT loads: the adapter alone.</summary>
    Peft,

    /// <summary>One safetensors file: base weights, trained weights and adapter.</summary>
    Safetensors,

    /// <summary>One PyTorch state dict, the same tensors.</summary>
    Pt,

    /// <summary>A folder that transformers loads: the base model with the adapter merged into it, and what the base's folder holds besides
    /// weights.</summary>
    Merged,
}
