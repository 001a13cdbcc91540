using CoreSrl.Abstractions;
using CoreSrl.Configuration;
using CoreSrl.Plugins;

namespace CoreSrl.Training;

/// <summary>The plugins that a configuration selects, found and their options checked.</summary>
internal sealed record SelectedPlugins(
    PluginFactory<IEnvironment> Environment,
    IReadOnlyList<PluginFactory<IModelBackend>> Backends,
    PluginFactory<ICheckpointStorage> Storage,
    PluginFactory<ICheckpointStorage>? FastTier,
    IReadOnlyList<PluginFactory<ICheckpointPolicy>> Policies,
    IReadOnlyList<PluginFactory<IMetadataContributor>> Metadata)
{
    /// <summary>Prepares all of them, so that all problems are told at once.</summary>
    /// <exception cref="ConfigurationException">One or more cannot be used.</exception>
    public static SelectedPlugins Prepare(PluginHost host, MultiModelConfig config)
    {
        var problems = new ConfigurationProblems();
        var environment = Try<IEnvironment>(PluginContract.Environment, config.Environment);
        var backends = config.Models.Select(model => Try<IModelBackend>(PluginContract.Backend, model.Backend)).ToList();
        var storage = Try<ICheckpointStorage>(PluginContract.Storage, config.Storage);
        var fast = config.FastTier is { } tier ? Try<ICheckpointStorage>(PluginContract.Storage, tier.Storage) : null;
        var policies = config.Policies.Select(policy => Try<ICheckpointPolicy>(PluginContract.Policy, policy)).ToList();
        var metadata = config.Metadata.Select(contributor => Try<IMetadataContributor>(PluginContract.Metadata, contributor)).ToList();
        problems.Tell();
        return new(environment!, backends!, storage!, fast, policies!, metadata!);

        PluginFactory<T>? Try<T>(PluginContract contract, PluginSelection selection)
            where T : class => problems.Try(() => host.Prepare<T>(contract, selection));
    }
}
