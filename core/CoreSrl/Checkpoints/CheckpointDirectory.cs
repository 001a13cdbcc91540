using CoreSrl.Abstractions;
using CoreSrl.Configuration;
using CoreSrl.Plugins;

namespace CoreSrl.Checkpoints;

/// <summary>The checkpoints that a configuration points at, to look at and to work on without a trainer.</summary>
public sealed class CheckpointDirectory : IAsyncDisposable
{
    private readonly PluginHost _host;

    private CheckpointDirectory(PluginHost host, CheckpointManager manager)
    {
        _host = host;
        Manager = manager;
    }

    /// <summary>The directory's checkpoints, read-only.</summary>
    public CheckpointManager Manager { get; }

    /// <summary>Opens the directory; creates nothing but the storage, writes nothing.</summary>
    /// <exception cref="ConfigurationException">The storage cannot be created, or its directory cannot be listed.</exception>
    public static Task<CheckpointDirectory> OpenAsync(
        MultiModelConfig config, HostServices? services = null, CancellationToken cancellationToken = default) =>
        OpenAsync(config, services, [], cancellationToken);

    /// <summary>The same with the policies of the configuration, which say what may be removed.</summary>
    /// <exception cref="ConfigurationException">The storage or a policy cannot be created, or the directory cannot be listed.</exception>
    public static Task<CheckpointDirectory> OpenWithPoliciesAsync(
        MultiModelConfig config, HostServices? services = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(config);
        return OpenAsync(config, services, config.Policies, cancellationToken);
    }

    private static async Task<CheckpointDirectory> OpenAsync(
        MultiModelConfig config, HostServices? services, IReadOnlyList<PluginSelection> policies, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(config);
        services ??= new();
        var host = new PluginHost(config, services);
        try
        {
            var storage = host.Create<ICheckpointStorage>(PluginContract.Storage, config.Storage).Instance;
            var options = config.Checkpoints.ToManagerOptions(config) with
            {
                Policies = [.. policies.Select(policy => host.Create<ICheckpointPolicy>(PluginContract.Policy, policy).Instance)],
            };
            return new(host, await CheckpointManager.OpenReadOnlyAsync(storage, options, services, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e)
        {
            await host.DisposeAsync().ConfigureAwait(false);
            if (e is StorageException failure)
                throw CannotBeListed(failure);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Manager.DisposeAsync().ConfigureAwait(false);
        await _host.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The error for a directory that the configuration names and that cannot be listed.</summary>
    internal static ConfigurationException CannotBeListed(StorageException e) => new($"Checkpoints:Directory cannot be listed: {e.Message}", e);
}
