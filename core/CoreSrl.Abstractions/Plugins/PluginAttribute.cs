namespace CoreSrl.Abstractions;

/// <summary>
/// Makes a class selectable by name in a configuration (<c>"Use": "name"</c>). What the class is for follows from the contract it
/// implements: <see cref="ICheckpointPolicy"/>, <see cref="IMetadataContributor"/>, <see cref="ICheckpointStorage"/>,
/// <see cref="IModelBackend"/> or <see cref="IEnvironment"/>.
/// </summary>
/// <remarks>
/// The class is public, not abstract, and has one public constructor. The engine supplies its parameters: at most one sealed
/// record of the plugin's own assembly, which is bound from the plugin's configuration section and validated with DataAnnotations;
/// <c>ILogger&lt;T&gt;</c>; <see cref="TimeProvider"/>; for a storage, <see cref="StorageContext"/>; and <c>IReadOnlyList</c> of the
/// plugin's own contract, whose plugins are selected by a list in its section that is called like the parameter.
/// </remarks>
/// <param name="name">The name used in a configuration: lower-case letters, digits and hyphens.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class PluginAttribute(string name) : Attribute
{
    /// <summary>The name used in a configuration.</summary>
    public string Name { get; } = name;

    /// <summary>One sentence for listings.</summary>
    public string Description { get; init; } = "";
}
