using CoreSrl.Abstractions;
using CoreSrl.Configuration;
using CoreSrl.Plugins;

namespace CoreSrl.Checkpoints;

/// <summary>A storage that a configuration, or a word, selects, with the plugin it comes from.</summary>
public sealed class OpenedStorage : IAsyncDisposable
{
    private readonly PluginHost _host;

    private OpenedStorage(PluginHost host, ICheckpointStorage storage, ICheckpointStorage? fastTier)
    {
        _host = host;
        Storage = storage;
        FastTier = fastTier;
    }

    /// <summary>The storage; of two tiers, the durable one.</summary>
    public ICheckpointStorage Storage { get; }

    /// <summary>The storage of the fast tier before it, if there is one.</summary>
    public ICheckpointStorage? FastTier { get; }

    /// <summary>The storage that a configuration's section <c>Checkpoints</c> selects.</summary>
    /// <exception cref="ConfigurationException">It cannot be created.</exception>
    public static OpenedStorage Of(MultiModelConfig config, HostServices? services = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        var host = new PluginHost(config, services ?? new());
        var problems = new ConfigurationProblems();
        var storage = problems.Try(() => host.Prepare<ICheckpointStorage>(PluginContract.Storage, config.Storage));
        var fast = config.FastTier is { } tier ? problems.Try(() => host.Prepare<ICheckpointStorage>(PluginContract.Storage, tier.Storage)) : null;
        problems.Tell();
        return new(host, storage!.Create().Instance, fast?.Create().Instance);
    }

    /// <summary>The storage at a place that is named in a word.</summary>
    /// <param name="place">A folder; or a configuration file, if it ends in <c>.json</c>, whose section <c>Checkpoints</c> says the
    /// storage; or a URL <c>NAME://…</c>, for the storage plugin NAME with that URL as its option <c>Url</c>.</param>
    /// <param name="config">The configuration in use otherwise: it says where plugins are looked for.</param>
    /// <param name="services">What the program gives the storage plugin.</param>
    /// <exception cref="ConfigurationException">It cannot be created.</exception>
    public static OpenedStorage At(string place, MultiModelConfig config, HostServices? services = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        return Of(StoragePlace.Resolve(place, config), services);
    }

    /// <summary>Policies of the same configuration, which live as long as this.</summary>
    /// <exception cref="ConfigurationException">One cannot be created.</exception>
    internal IReadOnlyList<ICheckpointPolicy> CreatePolicies(IEnumerable<PluginSelection> policies) =>
        [.. policies.Select(policy => _host.Create<ICheckpointPolicy>(PluginContract.Policy, policy).Instance)];

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
