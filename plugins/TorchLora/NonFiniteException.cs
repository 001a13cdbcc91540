namespace CoreSrl.Plugins.TorchLora;

/// <summary>A model computed NaN or infinity: its weights have run away, and it cannot go on.</summary>
public sealed class NonFiniteException : InvalidOperationException
{
    /// <summary>Describes what is not finite.</summary>
    /// <param name="what">The quantity: <c>the loss</c>.</param>
    /// <param name="modelId">The model concerned.</param>
    public NonFiniteException(string what, string modelId = "")
        : base($"In {(modelId.Length == 0 ? "a torch-lora model" : $"model {modelId}")}, {what} is not a finite number: its weights have "
            + "run away. Lower LearningRate (the model's, or the trainer's) and resume from an earlier checkpoint.") => What = what;

    /// <summary>The quantity that is not finite.</summary>
    public string What { get; }
}
