using System.ComponentModel.DataAnnotations;
using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints.Policies;

/// <summary>The options of <see cref="KeepEveryPolicy"/>.</summary>
public sealed record KeepEveryOptions
{
    /// <summary>Every how many episodes one is kept.</summary>
    /// <value>Required; at least 1.</value>
    [Range(1L, 1_000_000_000_000L)]
    public long Episodes { get; init; }
}

/// <summary>
/// Keeps one checkpoint for every so many episodes: the earliest at or behind each multiple. Which one it is does not change when
/// more are taken.
/// </summary>
/// <param name="options">Every how many.</param>
[Plugin("keep-every", Description = "Keeps one checkpoint for every so many episodes.")]
public sealed class KeepEveryPolicy(KeepEveryOptions options) : IKeepOnly
{
    private readonly long _episodes = options.Checked().Episodes;

    /// <inheritdoc/>
    public IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved) =>
        saved.Where(checkpoint => checkpoint.Episode >= _episodes)
            .GroupBy(checkpoint => checkpoint.Episode / _episodes)
            .Select(behind => behind.Reverse().MinBy(checkpoint => checkpoint.Episode)!.Id);
}
