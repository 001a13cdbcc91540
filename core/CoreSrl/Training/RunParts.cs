using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Checkpoints.Storing;
using CoreSrl.Configuration;
using CoreSrl.Plugins;

namespace CoreSrl.Training;

/// <summary>Everything a run is made of, created from its configuration; owns it all.</summary>
internal sealed class RunParts : IAsyncDisposable
{
    private readonly PluginHost _host;
    private readonly IReadOnlyList<(string Place, IStatefulPlugin Plugin)> _stateful;

    private RunParts(
        PluginHost host, CheckpointStore store, IReadOnlyList<ModelSlot> models, IReadOnlyList<IEnvironment> environments,
        bool together, IReadOnlyList<(string Name, IMetadataContributor Contributor)> contributors,
        IReadOnlyList<(string, IStatefulPlugin)> stateful, JsonObject config)
    {
        _host = host;
        _stateful = stateful;
        Store = store;
        Models = models;
        Environments = environments;
        Together = together;
        Contributors = contributors;
        Config = config;
    }

    /// <summary>The checkpoints of the run's directory.</summary>
    public CheckpointStore Store { get; }

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
            var policies = plugins.Policies.Select(factory => factory.Create()).ToList();
            var contributors = plugins.Metadata.Select(factory => factory.Create()).ToList();
            var store = await OpenStoreAsync(storage, config, [.. policies.Select(p => (p.Descriptor.Name, p.Instance))], services, cancellationToken).ConfigureAwait(false);
            var backends = new List<IModelBackend>();
            for (var index = 0; index < config.Models.Count; index++)
            {
                backends.Add(plugins.Backends[index].Create().Instance);
                models.Add(new(config.Models[index].Id, index, await CreateModelAsync(backends[index], config, index, cancellationToken).ConfigureAwait(false)));
            }

            if (Learner.Check(models, config.Training.WeightUpdates) is { } problem)
                throw new ConfigurationException($"Training:WeightUpdates: {problem}.");
            IEnumerable<(string, object)> instances =
            [
                .. environments.Select((environment, index) => ($"environment/{index}", (object)environment)),
                .. backends.Select((backend, index) => ($"models/{config.Models[index].Id}", (object)backend)),
                .. policies.Select((policy, index) => ($"policies/{index}", (object)policy.Instance)),
                .. contributors.Select((contributor, index) => ($"metadata/{index}", (object)contributor.Instance)),
            ];
            return new(
                host, store, models, environments, together, [.. contributors.Select(c => (c.Descriptor.Name, c.Instance))],
                [.. instances.Where(pair => pair.Item2 is IStatefulPlugin).Select(pair => (pair.Item1, (IStatefulPlugin)pair.Item2))],
                EffectiveConfig.ToJson(config, plugins));
        }
        catch
        {
            foreach (var slot in models)
                await slot.Model.DisposeAsync().ConfigureAwait(false);
            await host.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>What the plugins remember, by their place in the configuration.</summary>
    public JsonObject CapturePluginState() => new(_stateful.Select(pair => KeyValuePair.Create(pair.Place, pair.Plugin.CaptureState())));

    /// <summary>Gives plugins back what they remembered; one that was not there then is left as it was created.</summary>
    public void RestorePluginState(JsonObject states)
    {
        foreach (var (place, plugin) in _stateful)
        {
            if (states.TryGetPropertyValue(place, out var state))
                plugin.RestoreState(state?.DeepClone());
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync().ConfigureAwait(false);
        foreach (var slot in Models)
            await slot.Model.DisposeAsync().ConfigureAwait(false);
        await _host.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<CheckpointStore> OpenStoreAsync(
        ICheckpointStorage storage, MultiModelConfig config, IReadOnlyList<(string, ICheckpointPolicy)> policies, HostServices services, CancellationToken cancellationToken)
    {
        try
        {
            return await CheckpointStore.OpenAsync(storage, config.Checkpoints.ToManagerOptions(config), policies, services, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e)
        {
            throw CheckpointDirectory.CannotBeListed(config, e);
        }
    }

    private static List<IEnvironment> CreateEnvironments(PluginFactory<IEnvironment> factory, MultiModelConfig config, out bool together)
    {
        var first = factory.Create().Instance;
        together = first.Seats.Contains(config.Models.Count);
        if (!together && !first.Seats.Contains(1))
            throw new ConfigurationException($"Environment: '{factory.Descriptor.Name}' seats {first.Seats} players; the configuration has {config.Models.Count}. Add or remove models, or choose another environment.");
        var environments = new List<IEnvironment> { first };
        while (environments.Count < EpisodePlayer.GamesNeeded(config.Models.Count, together, config.Training))
            environments.Add(factory.Create().Instance);
        return environments;
    }

    private static async Task<IModel> CreateModelAsync(IModelBackend backend, MultiModelConfig config, int index, CancellationToken cancellationToken)
    {
        var id = config.Models[index].Id;
        var context = new ModelContext(id, Seeds.Derive(config.Training.Seed, "model", id), config.Training.Threads);
        try
        {
            return await backend.CreateAsync(context, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
        {
            throw new ConfigurationException($"Models:{index}: '{config.Models[index].Backend.Use}' could not create the model '{id}': {e.Message}", e);
        }
    }
}
