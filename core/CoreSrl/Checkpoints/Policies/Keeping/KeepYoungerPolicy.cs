using System.ComponentModel.DataAnnotations;
using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints.Policies;

/// <summary>The options of <see cref="KeepYoungerPolicy"/>.</summary>
public sealed record KeepYoungerOptions
{
    /// <summary>How much older than the newest a checkpoint may be: <c>2.00:00:00</c> is two days.</summary>
    /// <value>Required; above 0.</value>
    [Range(typeof(TimeSpan), "00:00:00", "36500.00:00:00", MinimumIsExclusive = true)]
    public TimeSpan Age { get; init; }
}

/// <summary>
/// Keeps those that are younger than a given age. Age is counted by the time of day, back from the newest checkpoint and not from
/// now: while nothing is trained, nothing grows old.
/// </summary>
/// <param name="options">The age.</param>
[Plugin("keep-younger", Description = "Keeps the checkpoints younger than a given age.")]
public sealed class KeepYoungerPolicy(KeepYoungerOptions options) : IKeepOnly
{
    private readonly TimeSpan _age = options.Checked().Age;

    /// <inheritdoc/>
    public IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved) =>
        saved.Where(checkpoint => saved[0].Timestamp - checkpoint.Timestamp < _age).Select(checkpoint => checkpoint.Id);
}
