using System.ComponentModel.DataAnnotations;

namespace Company.SrlPlugin;

/// <summary>The options of <see cref="SrlFooEnvironment"/>.</summary>
public sealed record SrlFooOptions
{
    /// <summary>The most stones that a game begins with.</summary>
    /// <value>Default 12; 4 to 1000.</value>
    [Range(4, 1000)]
    public int Stones { get; init; } = 12;

    /// <summary>The most stones that a move takes.</summary>
    /// <value>Default 3; 1 to 9.</value>
    [Range(1, 9)]
    public int Take { get; init; } = 3;
}
