using System.ComponentModel.DataAnnotations;
using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints.Policies;

/// <summary>The options of <see cref="KeepUnderBytesPolicy"/>.</summary>
public sealed record KeepUnderBytesOptions
{
    /// <summary>How many bytes all of them may have together; base weights, which checkpoints share, are not counted.</summary>
    /// <value>Required; at least 1.</value>
    [Range(1L, long.MaxValue)]
    public long Bytes { get; init; }
}

/// <summary>
/// Keeps the newest as long as all together, final ones included, have no more than so many bytes; the first that is too much ends
/// it, though a smaller one be behind it. The newest stays however large it is, and so does what another policy keeps.
/// </summary>
/// <param name="options">How many bytes.</param>
[Plugin("keep-under-bytes", Description = "Keeps the newest checkpoints that fit in so many bytes.")]
public sealed class KeepUnderBytesPolicy(KeepUnderBytesOptions options) : IKeepOnly
{
    private readonly long _bytes = options.Checked().Bytes;

    /// <inheritdoc/>
    public IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved)
    {
        // Final ones stay in any case, so they are counted first.
        var left = _bytes - saved.Where(checkpoint => checkpoint.Final).Sum(checkpoint => checkpoint.SizeBytes);
        return saved.Where(checkpoint => !checkpoint.Final)
            .TakeWhile(checkpoint => (left -= checkpoint.SizeBytes) >= 0)
            .Select(checkpoint => checkpoint.Id)
            .ToList();
    }
}
