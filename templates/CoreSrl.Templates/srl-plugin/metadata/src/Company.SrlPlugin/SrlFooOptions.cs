using System.ComponentModel.DataAnnotations;

namespace Company.SrlPlugin;

/// <summary>The options of <see cref="SrlFooContributor"/>.</summary>
public sealed record SrlFooOptions
{
    /// <summary>Begins the names of the values.</summary>
    /// <value>Default <c>srl-foo</c>.</value>
    [Required]
    public string Prefix { get; init; } = "srl-foo";
}
