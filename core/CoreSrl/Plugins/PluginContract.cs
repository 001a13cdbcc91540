using CoreSrl.Abstractions;

namespace CoreSrl.Plugins;

/// <summary>The contracts a plugin can implement.</summary>
public enum PluginContract
{
    /// <summary><see cref="ICheckpointPolicy"/></summary>
    Policy,

    /// <summary><see cref="IMetadataContributor"/></summary>
    Metadata,

    /// <summary><see cref="ICheckpointStorage"/></summary>
    Storage,

    /// <summary><see cref="IModelBackend"/></summary>
    Backend,

    /// <summary><see cref="IEnvironment"/></summary>
    Environment,
}

/// <summary>Facts about <see cref="PluginContract"/>.</summary>
internal static class PluginContracts
{
    private static readonly Dictionary<PluginContract, Type> Types = new()
    {
        [PluginContract.Policy] = typeof(ICheckpointPolicy),
        [PluginContract.Metadata] = typeof(IMetadataContributor),
        [PluginContract.Storage] = typeof(ICheckpointStorage),
        [PluginContract.Backend] = typeof(IModelBackend),
        [PluginContract.Environment] = typeof(IEnvironment),
    };

    public static Type TypeOf(PluginContract contract) => Types[contract];

    public static PluginContract? Of(Type interfaceType) => OfName(interfaceType.FullName ?? "");

    public static PluginContract? OfName(string interfaceName)
    {
        foreach (var (contract, type) in Types)
        {
            if (type.FullName == interfaceName)
                return contract;
        }

        return null;
    }

    /// <summary>For messages: "checkpoint policy".</summary>
    public static string Describe(this PluginContract contract) => contract switch
    {
        PluginContract.Policy => "checkpoint policy",
        PluginContract.Metadata => "metadata contributor",
        PluginContract.Storage => "checkpoint storage",
        PluginContract.Backend => "model backend",
        _ => "environment",
    };
}
