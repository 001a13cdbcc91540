namespace CoreSrl.Plugins.TorchLora;

/// <summary>A model's tokenizer cannot be read, or is of a kind that is not known.</summary>
public sealed class TokenizerException : InvalidOperationException
{
    /// <summary>Describes the fault.</summary>
    /// <param name="file">The file, or the folder.</param>
    /// <param name="problem">What is wrong; without a full stop.</param>
    /// <param name="remedy">What to do: a sentence without a full stop.</param>
    /// <param name="innerException">What revealed it.</param>
    public TokenizerException(string file, string problem, string remedy, Exception? innerException = null)
        : base($"{file}: {problem}. {remedy}.", innerException)
    {
    }
}
