using System.ComponentModel.DataAnnotations;

namespace Company.SrlPlugin;

/// <summary>The options of <see cref="SrlFooBackend"/>.</summary>
public sealed record SrlFooOptions
{
    /// <summary>How many preferences a model can hold.</summary>
    /// <value>Default 4096; 16 to 16,777,216.</value>
    [Range(16, 1 << 24)]
    public int Preferences { get; init; } = 4096;

    /// <summary>What a model says where any text is allowed.</summary>
    /// <value>Default <c>yes</c>, <c>no</c>.</value>
    [MinLength(1)]
    public IReadOnlyList<string> Words { get; init; } = ["yes", "no"];
}
