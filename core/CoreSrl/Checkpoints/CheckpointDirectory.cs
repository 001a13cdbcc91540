using CoreSrl.Abstractions;
using CoreSrl.Configuration;
using CoreSrl.Plugins;

namespace CoreSrl.Checkpoints;

/// <summary>The checkpoints that a configuration points at, to look at and to work on without a trainer.</summary>
public sealed class CheckpointDirectory : IAsyncDisposable
{
    private readonly OpenedStorage _storage;

    private CheckpointDirectory(OpenedStorage storage, CheckpointManager manager)
    {
        _storage = storage;
        Manager = manager;
    }

    /// <summary>The directory's checkpoints; read-only, unless it was opened to write.</summary>
    public CheckpointManager Manager { get; }

    /// <summary>Opens the directory that a configuration says; creates nothing but the storage, writes nothing.</summary>
    /// <exception cref="ConfigurationException">The storage cannot be created, or its directory cannot be listed.</exception>
    public static Task<CheckpointDirectory> OpenAsync(
        MultiModelConfig config, HostServices? services = null, CancellationToken cancellationToken = default)
    {
        services ??= new();
        return OpenAsync(config.PlaceSetting, OpenedStorage.Of(config, services), config, services, writing: false, [], cancellationToken);
    }

    /// <summary>Opens the directory that a configuration says to remove or save something there, and takes it for this process.</summary>
    /// <exception cref="ConfigurationException">The storage cannot be created, or its directory cannot be listed or written.</exception>
    /// <exception cref="DirectoryInUseException">Another process saves there.</exception>
    public static Task<CheckpointDirectory> OpenToWriteAsync(
        MultiModelConfig config, HostServices? services = null, CancellationToken cancellationToken = default)
    {
        services ??= new();
        return OpenAsync(config.PlaceSetting, OpenedStorage.Of(config, services), config, services, writing: true, [], cancellationToken);
    }

    /// <summary>Opens the directory at a place; see <see cref="OpenedStorage.At"/>. Writes nothing.</summary>
    /// <param name="place">The place.</param>
    /// <param name="config">The configuration in use otherwise.</param>
    /// <param name="services">What the program gives the storage plugin.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <exception cref="ConfigurationException">The storage cannot be created, or its directory cannot be listed.</exception>
    public static Task<CheckpointDirectory> OpenAtAsync(
        string place, MultiModelConfig config, HostServices? services = null, CancellationToken cancellationToken = default)
    {
        services ??= new();
        return OpenAsync(place, OpenedStorage.At(place, config, services), config, services, writing: false, [], cancellationToken);
    }

    /// <summary>The same as <see cref="OpenAsync(MultiModelConfig, HostServices?, CancellationToken)"/>, with the policies of the configuration, which say what may be removed.</summary>
    /// <exception cref="ConfigurationException">The storage or a policy cannot be created, or the directory cannot be listed.</exception>
    public static Task<CheckpointDirectory> OpenWithPoliciesAsync(
        MultiModelConfig config, HostServices? services = null, CancellationToken cancellationToken = default)
    {
        services ??= new();
        return OpenAsync(config.PlaceSetting, OpenedStorage.Of(config, services), config, services, writing: false, config.Policies, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Manager.DisposeAsync().ConfigureAwait(false);
        await _storage.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The error for a directory that the configuration names and that cannot be listed.</summary>
    internal static ConfigurationException CannotBeListed(MultiModelConfig config, StorageException e) => CannotBeListed(config.PlaceSetting, e);

    private static ConfigurationException CannotBeListed(string place, StorageException e) => new($"{place} cannot be listed: {e.Message}", e);

    private static async Task<CheckpointDirectory> OpenAsync(
        string place, OpenedStorage storage, MultiModelConfig config, HostServices services, bool writing, IReadOnlyList<PluginSelection> policies, CancellationToken cancellationToken)
    {
        try
        {
            var options = config.Checkpoints.ToManagerOptions(config, storage.FastTier) with { Policies = storage.CreatePolicies(policies) };
            return new(storage, writing
                ? await CheckpointManager.OpenAsync(storage.Storage, options, services, cancellationToken).ConfigureAwait(false)
                : await CheckpointManager.OpenReadOnlyAsync(storage.Storage, options, services, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e)
        {
            await storage.DisposeAsync().ConfigureAwait(false);
            if (e is StorageException failure)
                throw CannotBeListed(place, failure);
            throw;
        }
    }
}
