using System.Collections.Immutable;

namespace CoreSrl.Abstractions;

/// <summary>A policy's answer: save or not, why, and under which tags.</summary>
public sealed record SaveDecision
{
    private SaveDecision(bool save, string reason, ImmutableArray<string> tags)
    {
        ShouldSave = save;
        Reason = reason;
        Tags = tags;
    }

    /// <summary>No checkpoint is wanted now.</summary>
    public static SaveDecision Skip { get; } = new(false, "", []);

    /// <summary>A checkpoint is wanted now.</summary>
    /// <param name="reason">Why, in a few words, for people: <c>every 100 episodes</c>.</param>
    /// <param name="tags">Words by which the checkpoint can be found again: <c>best</c>.</param>
    public static SaveDecision Save(string reason, params ImmutableArray<string> tags)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        return new(true, reason, tags.IsDefault ? [] : tags);
    }

    /// <summary>Whether to save.</summary>
    public bool ShouldSave { get; }

    /// <summary>Why, for people; empty when not.</summary>
    public string Reason { get; }

    /// <summary>Words by which the checkpoint can be found again.</summary>
    public ImmutableArray<string> Tags { get; }
}
