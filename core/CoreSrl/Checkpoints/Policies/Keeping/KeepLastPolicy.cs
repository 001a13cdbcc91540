using System.ComponentModel.DataAnnotations;
using CoreSrl.Abstractions;

namespace CoreSrl.Checkpoints.Policies;

/// <summary>The options of <see cref="KeepLastPolicy"/>.</summary>
public sealed record KeepLastOptions : IValidatableObject
{
    /// <summary>How many, final ones not counted; -1 for all.</summary>
    /// <value>Required; -1, or at least 1.</value>
    [Range(-1, int.MaxValue)]
    public int Count { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Count == 0)
            yield return new("a number above 0 is required, or -1 to keep all", [nameof(Count)]);
    }
}

/// <summary>Keeps the newest, and all final ones, which are not counted.</summary>
/// <param name="options">How many.</param>
[Plugin("keep-last", Description = "Keeps the newest checkpoints, final ones not counted.")]
public sealed class KeepLastPolicy(KeepLastOptions options) : IKeepOnly
{
    private readonly int _count = options.Checked().Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved)
    {
        var regular = saved.Where(checkpoint => !checkpoint.Final);
        return saved.Where(checkpoint => checkpoint.Final)
            .Concat(_count < 0 ? regular : regular.Take(_count))
            .Select(checkpoint => checkpoint.Id);
    }
}
