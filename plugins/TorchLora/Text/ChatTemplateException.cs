namespace CoreSrl.Plugins.TorchLora;

/// <summary>A chat template cannot be read, uses what is not supported, or refuses what it is given.</summary>
public sealed class ChatTemplateException : InvalidOperationException
{
    /// <summary>Describes the fault.</summary>
    /// <param name="file">The file that holds the template.</param>
    /// <param name="problem">What is wrong; without a full stop.</param>
    /// <param name="remedy">What to do: a sentence without a full stop.</param>
    /// <param name="innerException">What revealed it.</param>
    public ChatTemplateException(string file, string problem, string remedy, Exception? innerException = null)
        : base($"{file}: {problem}. {remedy}.", innerException)
    {
    }
}
