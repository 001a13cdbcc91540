using CoreSrl.Abstractions;
using CoreSrl.Configuration;
using CoreSrl.Plugins;
using CoreSrl.Plugins.Inspecting;
using CoreSrl.Testing;
using TorchSharp;

namespace CoreSrl.Cli.Verification;

/// <summary>A plugin in the process that checks it: its instances, held to the rules of its contract.</summary>
internal static class VerifiedPlugin
{
    /// <summary>The rules of a plugin's contract, for its instances.</summary>
    /// <param name="host">Creates them.</param>
    /// <param name="contract">The contract.</param>
    /// <param name="selection">Where a configuration selects the plugin.</param>
    /// <param name="threads">How many threads one operation of a model may use.</param>
    /// <param name="limit">How long a rule may take.</param>
    /// <param name="directory">A folder of this machine for a storage to work in.</param>
    /// <exception cref="ConfigurationException">It cannot be loaded, or its options are wrong.</exception>
    public static Conformance Kit(PluginHost host, PluginContract contract, PluginSelection selection, int threads, TimeSpan limit, string directory)
    {
        return contract switch
        {
            PluginContract.Policy => new PolicyConformance(Instances<ICheckpointPolicy>(), new() { Patience = limit }),
            PluginContract.Metadata => new MetadataConformance(Instances<IMetadataContributor>(), new() { Patience = limit }),
            PluginContract.Storage => new StorageConformance(Storages(), new() { Patience = limit }),
            PluginContract.Backend => new BackendConformance(Instances<IModelBackend>(), new() { Patience = limit, Threads = threads, LiveTensors = CountTensors() }),
            _ => new EnvironmentConformance(Instances<IEnvironment>(), new() { Patience = limit }),
        };

        Func<T> Instances<T>()
            where T : class
        {
            var factory = host.Prepare<T>(contract, selection);
            _ = factory.New(); // One that cannot be created breaks no rule: it is told as what it is.
            return factory.New;
        }

        Func<string, ICheckpointStorage> Storages()
        {
            var storages = new PluginSpecimens(host).StoragesAt(selection, directory);
            _ = storages("unused");
            return storages;
        }
    }

    /// <summary>Counts the tensors of a backend that computes with torch; null where none does.</summary>
    private static Func<long>? CountTensors() =>
        AppDomain.CurrentDomain.GetAssemblies().Any(assembly => assembly.GetName().Name == "TorchSharp") ? () => torch.Tensor.TotalCount : null;
}
