using System.Text;

namespace CoreSrl.Abstractions;

/// <summary>The rules for keys that hold in every storage, for storages to apply before they do anything else.</summary>
public static class ObjectKey
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Refuses a key that could name something outside the root, or that some storage could not hold.</summary>
    /// <param name="key">The key.</param>
    /// <param name="flaw">What else a storage objects to in one part of a key (its own names, say): the reason, or null.</param>
    /// <returns>The key's parts, which <c>/</c> separates.</returns>
    /// <exception cref="StorageException">It breaks a rule: <see cref="StorageErrorKind.Permanent"/>.</exception>
    public static string[] Check(string key, Func<string, string?>? flaw = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Length == 0)
            throw Refused(key, "it is empty");
        var parts = key.Split('/');
        foreach (var part in parts)
        {
            if ((Flaw(part) ?? flaw?.Invoke(part)) is { } found)
                throw Refused(key, found);
        }

        return parts;
    }

    /// <summary>Refuses a prefix that is neither empty nor a key followed by <c>/</c>.</summary>
    /// <param name="prefix">The prefix.</param>
    /// <param name="flaw">What else a storage objects to in one part of it: the reason, or null.</param>
    /// <returns>The prefix's parts, which <c>/</c> separates; none for the empty one.</returns>
    /// <exception cref="StorageException">It breaks a rule: <see cref="StorageErrorKind.Permanent"/>.</exception>
    public static string[] CheckPrefix(string prefix, Func<string, string?>? flaw = null)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (prefix.Length == 0)
            return [];
        if (!prefix.EndsWith('/'))
            throw new StorageException(StorageErrorKind.Permanent, prefix, $"The prefix '{Printable(prefix)}' must be empty or end in '/'.");
        return Check(prefix[..^1], flaw);
    }

    /// <summary>The error for a key that cannot be used.</summary>
    /// <param name="key">The key.</param>
    /// <param name="why">Why, as the end of a sentence without its full stop: "it is empty".</param>
    public static StorageException Refused(string key, string why)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new(StorageErrorKind.Permanent, key, $"The key '{Printable(key)}' cannot be used: {why}.");
    }

    /// <summary>What makes a name no part of any key; null when it is one.</summary>
    public static string? Flaw(string part)
    {
        ArgumentNullException.ThrowIfNull(part);
        if (part.Length == 0)
            return "it has an empty part (a '/' at its start or end, or two in a row)";
        if (part is "." or "..")
            return $"it has the part '{part}'";
        if (part.Contains('\\', StringComparison.Ordinal))
            return "it has a backslash";
        if (part.Any(char.IsControl))
            return "it has a control character";
        try
        {
            StrictUtf8.GetByteCount(part);
            return null;
        }
        catch (EncoderFallbackException)
        {
            return "it has half of a surrogate pair";
        }
    }

    private static string Printable(string key)
    {
        var text = string.Concat(key.Select(c => char.IsControl(c) ? '?' : c));
        return text.Length <= 100 ? text : text[..100] + "…";
    }
}
