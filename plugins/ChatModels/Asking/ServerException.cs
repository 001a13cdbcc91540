namespace CoreSrl.Plugins.ChatModels.Asking;

/// <summary>A server did not answer.</summary>
/// <param name="message">What is wrong and what to do, as half a sentence. Free of secrets; so there is no inner exception, in whose
/// message they could stand.</param>
internal class ServerException(string message) : Exception(message)
{
    /// <summary>Whether it may answer when it is asked again.</summary>
    public bool IsTransient { get; init; }

    /// <summary>How long the server wants to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>A server did not answer however often it was tried: a model can sit out.</summary>
/// <param name="message">Why, as half a sentence.</param>
internal sealed class UnavailableException(string message) : ServerException(message);
