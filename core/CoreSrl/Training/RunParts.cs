using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Checkpoints.Storing;
using CoreSrl.Configuration;
using CoreSrl.Plugins;
using CoreSrl.Plugins.Limits;

namespace CoreSrl.Training;

/// <summary>Everything a run is made of, created from its configuration; owns it all.</summary>
internal sealed class RunParts : IAsyncDisposable
{
    private readonly PluginHost _host;

    private RunParts(
        PluginHost host, ICheckpointStore store, IReadOnlyList<ModelSlot> models, IReadOnlyList<IEnvironment> environments,
        bool together, IReadOnlyList<(string Name, IMetadataContributor Contributor)> contributors, PluginMemory memory, JsonObject config)
    {
        _host = host;
        Memory = memory;
        Store = store;
        Models = models;
        Environments = environments;
        Together = together;
        Contributors = contributors;
        Config = config;
    }

    /// <summary>The checkpoints of the run's directory.</summary>
    public ICheckpointStore Store { get; }

    /// <summary>Calls plugins, each for no longer than the configuration allows.</summary>
    public PluginCalls Calls => _host.Calls;

    /// <summary>What the plugins remember.</summary>
    public PluginMemory Memory { get; }

    public IReadOnlyList<ModelSlot> Models { get; }

    public IReadOnlyList<IEnvironment> Environments { get; }

    /// <summary>Whether all models play in one game; otherwise each plays its own.</summary>
    public bool Together { get; }

    public IReadOnlyList<(string Name, IMetadataContributor Contributor)> Contributors { get; }

    /// <summary>The configuration in effect, defaults included.</summary>
    public JsonObject Config { get; }

    public JsonArray Plugins => new([.. _host.Used
        .OrderBy(plugin => plugin.Contract).ThenBy(plugin => plugin.Name, StringComparer.Ordinal)
        .Select(plugin => (JsonNode)new JsonObject
        {
            ["name"] = plugin.Name,
            ["contract"] = plugin.Contract.ToString().ToLowerInvariant(),
            ["version"] = plugin.Version.ToString(),
        })]);

    /// <summary>Creates everything; writes nothing.</summary>
    /// <exception cref="ConfigurationException">Something cannot be created; every problem with plugins is told.</exception>
    public static async Task<RunParts> CreateAsync(MultiModelConfig config, HostServices services, CancellationToken cancellationToken)
    {
        var host = new PluginHost(config, services);
        var models = new List<ModelSlot>();
        try
        {
            var plugins = SelectedPlugins.Prepare(host, config);
            var environments = CreateEnvironments(plugins.Environment, config, out var together);
            var storage = plugins.Storage.Create().Instance;
            var fast = plugins.FastTier?.Create().Instance;
            var policies = plugins.Policies.Select(factory => factory.Create()).ToList();
            var contributors = plugins.Metadata.Select(factory => factory.Create()).ToList();
            var store = await OpenStoreAsync(storage, fast, config, [.. policies.Select(policy => Limited(policy, new LimitedPolicy(policy.Descriptor.Name, policy.Instance, host.Calls)))], services, cancellationToken).ConfigureAwait(false);
            var backends = new List<CreatedPlugin<IModelBackend>>();
            for (var index = 0; index < config.Models.Count; index++)
            {
                backends.Add(plugins.Backends[index].Create());
                models.Add(new(config.Models[index].Id, index, await ModelSlot.CreateAsync(backends[index].Instance, host.Calls, config, index, cancellationToken).ConfigureAwait(false)));
            }

            if (Learner.Check(models, config.Training.WeightUpdates) is { } problem)
                throw new ConfigurationException($"Training:WeightUpdates: {problem}.");
            var memory = new PluginMemory(host.Calls);
            foreach (var (index, environment) in environments.Index())
                memory.Add($"environment/{index}", environment);
            foreach (var (index, backend) in backends.Index())
                memory.Add($"models/{config.Models[index].Id}", backend);
            foreach (var (index, policy) in policies.Index())
                memory.Add($"policies/{index}", policy);
            foreach (var (index, contributor) in contributors.Index())
                memory.Add($"metadata/{index}", contributor);
            return new(
                host, store, models, [.. environments.Select(environment => new LimitedEnvironment(environment.Descriptor.Name, environment.Instance, host.Calls))], together,
                [.. contributors.Select(contributor => Limited(contributor, new LimitedContributor(contributor.Descriptor.Name, contributor.Instance, host.Calls)))],
                memory, EffectiveConfig.ToJson(config, plugins));
        }
        catch
        {
            foreach (var slot in models)
                await slot.Model.DisposeAsync().ConfigureAwait(false);
            await host.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Disposes of everything, unless a plugin was left behind in the middle of a call: nobody knows what it still uses.</summary>
    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync().ConfigureAwait(false);
        if (Calls.HasAbandoned)
            return;
        foreach (var slot in Models)
            await slot.Model.DisposeAsync().ConfigureAwait(false);
        await _host.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<ICheckpointStore> OpenStoreAsync(
        ICheckpointStorage storage, ICheckpointStorage? fast, MultiModelConfig config, IReadOnlyList<(string, ICheckpointPolicy)> policies, HostServices services, CancellationToken cancellationToken)
    {
        try
        {
            return await ICheckpointStore.OpenAsync(storage, config.Checkpoints.ToManagerOptions(config, fast), policies, services, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e)
        {
            throw CheckpointDirectory.CannotBeListed(config, e);
        }
    }

    private static (string Name, T Plugin) Limited<T>(CreatedPlugin<T> plugin, T limited)
        where T : class => (plugin.Descriptor.Name, limited);

    private static List<CreatedPlugin<IEnvironment>> CreateEnvironments(PluginFactory<IEnvironment> factory, MultiModelConfig config, out bool together)
    {
        var first = factory.Create();
        var seats = first.Instance.Seats;
        together = seats.Contains(config.Models.Count);
        if (!together && !seats.Contains(1))
            throw new ConfigurationException($"Environment: '{factory.Descriptor.Name}' seats {seats} players; the configuration has {config.Models.Count}. Add or remove models, or choose another environment.");
        var environments = new List<CreatedPlugin<IEnvironment>> { first };
        while (environments.Count < EpisodePlayer.GamesNeeded(config.Models.Count, together, config.Training))
            environments.Add(factory.Create());
        return environments;
    }
}
