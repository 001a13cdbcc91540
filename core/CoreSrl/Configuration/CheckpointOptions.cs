using System.ComponentModel.DataAnnotations;

namespace CoreSrl.Configuration;

/// <summary>The plain options of the section <c>Checkpoints</c>; its plugins are in <see cref="MultiModelConfig"/>.</summary>
public sealed record CheckpointOptions : IValidatableObject
{
    /// <summary>Where the checkpoints lie; relative to the current directory.</summary>
    /// <value>Default <c>./checkpoints/multimodel</c>.</value>
    [Required]
    public string Directory { get; init; } = "./checkpoints/multimodel";

    /// <summary>Every how many episodes one is taken.</summary>
    /// <value>Default 100; at least 1.</value>
    [Range(1L, 1_000_000_000_000L)]
    public long SaveInterval { get; init; } = 100;

    /// <summary>How many of the newest are kept, final ones not counted; -1 keeps all.</summary>
    /// <value>Default 10; -1, or at least 1.</value>
    [Range(-1, int.MaxValue)]
    public int MaxCheckpoints { get; init; } = 10;

    /// <summary>How they are named: <c>{run}</c>, <c>{episode}</c> and <c>{timestamp}</c> (Unix seconds) stand for their values.</summary>
    /// <value>Default <c>{run}_ep_{episode}_{timestamp}</c>.</value>
    [Required]
    public string Name { get; init; } = "{run}_ep_{episode}_{timestamp}";

    /// <summary><c>auto</c> goes on with the newest whole checkpoint of the directory; <c>fresh</c> starts a new run and refuses a
    /// directory that already holds one.</summary>
    /// <value>Default <c>auto</c>.</value>
    [AllowedValues("auto", "fresh")]
    public string Resume { get; init; } = "auto";

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MaxCheckpoints == 0)
            yield return new("0 would keep none; use -1 to keep all, or a number above 0", [nameof(MaxCheckpoints)]);
        if (CheckpointNameTemplate.Check(Name) is { } problem)
            yield return new(problem, [nameof(Name)]);
    }
}
