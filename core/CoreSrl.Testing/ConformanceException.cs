namespace CoreSrl.Testing;

/// <summary>A plugin does not keep a rule of its contract; the message says which, what was expected and what happened.</summary>
public sealed class ConformanceException : Exception
{
    internal ConformanceException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
