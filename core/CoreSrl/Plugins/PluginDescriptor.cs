namespace CoreSrl.Plugins;

/// <summary>What is known of a plugin before any of its code is loaded.</summary>
public sealed record PluginDescriptor
{
    /// <summary>The name that a configuration uses.</summary>
    public required string Name { get; init; }

    /// <summary>One sentence for listings.</summary>
    public string Description { get; init; } = "";

    /// <summary>The contract it implements.</summary>
    public required PluginContract Contract { get; init; }

    /// <summary>The full name of its class.</summary>
    public required string TypeName { get; init; }

    /// <summary>The full path of its assembly.</summary>
    public required string AssemblyPath { get; init; }

    /// <summary>The level of the contracts it was built against; null when its assembly does not say.</summary>
    public int? ApiLevel { get; init; }

    /// <summary>The version of its assembly.</summary>
    public Version Version { get; init; } = new(0, 0);

    /// <summary>Whether the program brings it along, as a file of its own folder <c>plugins</c> or as a class.</summary>
    public bool BelongsToProgram => LoadedType is not null || Path.GetDirectoryName(Path.GetDirectoryName(AssemblyPath)) == PluginCatalog.ProgramDirectory;

    /// <summary>Why its class cannot be a plugin, though it says that it is one, with what to do about it; null when it can.</summary>
    internal string? Problem { get; init; }

    /// <summary>The class, for a plugin that the program brings along instead of loading it.</summary>
    internal Type? LoadedType { get; init; }
}
