using System.ComponentModel.DataAnnotations;

namespace Company.SrlPlugin;

/// <summary>The options of <see cref="SrlFooStorage"/>.</summary>
public sealed record SrlFooOptions
{
    /// <summary>The name of the database, in the run's directory.</summary>
    /// <value>Default <c>checkpoints.db</c>.</value>
    [RegularExpression(@"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", ErrorMessage = "The field File must be a plain file name.")]
    public string File { get; init; } = "checkpoints.db";
}
