namespace CoreSrl.Abstractions;

/// <summary>A storage could not do what it was asked; <see cref="Kind"/> says what the caller can do about it.</summary>
public sealed class StorageException : IOException
{
    /// <summary>Describes a failure.</summary>
    /// <param name="kind">What the caller can do about it.</param>
    /// <param name="key">The key concerned; empty for the storage as a whole.</param>
    /// <param name="message">What is wrong, where, and what to do. Free of secrets.</param>
    /// <param name="innerException">What caused it.</param>
    public StorageException(StorageErrorKind kind, string key, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Kind = kind;
        Key = key;
    }

    /// <summary>What the caller can do about it.</summary>
    public StorageErrorKind Kind { get; }

    /// <summary>The key concerned; empty for the storage as a whole.</summary>
    public string Key { get; }
}
