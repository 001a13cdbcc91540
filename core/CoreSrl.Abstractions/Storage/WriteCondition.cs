namespace CoreSrl.Abstractions;

/// <summary>On what condition an object is written.</summary>
public readonly record struct WriteCondition
{
    private WriteCondition(bool mustBeAbsent, string? etag)
    {
        MustBeAbsent = mustBeAbsent;
        ETag = etag;
    }

    /// <summary>Write, whatever is there.</summary>
    public static WriteCondition Always => default;

    /// <summary>Write only if there is no object of that key.</summary>
    public static WriteCondition IfAbsent => new(true, null);

    /// <summary>Write only if the object is still the version that <paramref name="etag"/> names.</summary>
    public static WriteCondition IfUnchanged(string etag)
    {
        ArgumentException.ThrowIfNullOrEmpty(etag);
        return new(false, etag);
    }

    /// <summary>Whether there must be no object of that key.</summary>
    public bool MustBeAbsent { get; }

    /// <summary>The version that must be there; null when none is asked for.</summary>
    public string? ETag { get; }
}
