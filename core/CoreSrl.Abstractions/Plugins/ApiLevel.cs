namespace CoreSrl.Abstractions;

/// <summary>
/// The level of the contracts in this assembly. A plugin assembly carries the level it was built against as
/// <c>[assembly: AssemblyMetadata("CoreSrl.ApiLevel", "1")]</c>; the engine reads it before it loads any code, because a plugin
/// built against newer contracts would otherwise fail without a word (its types simply would not match).
/// </summary>
public static class ApiLevel
{
    /// <summary>The level of this assembly. Raised when a contract changes in a way that breaks older plugins.</summary>
    public const int Current = 1;

    /// <summary>The oldest level whose plugins still load.</summary>
    public const int OldestSupported = 1;

    /// <summary>The key of the assembly metadata that carries a plugin's level.</summary>
    public const string MetadataKey = "CoreSrl.ApiLevel";
}
