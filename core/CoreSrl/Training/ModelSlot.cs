using CoreSrl.Abstractions;
using CoreSrl.Configuration;
using CoreSrl.Plugins.Limits;

namespace CoreSrl.Training;

/// <summary>A model at its place in a run.</summary>
/// <param name="Id">Its id in the configuration.</param>
/// <param name="Index">Its place in the configuration.</param>
/// <param name="Model">The model.</param>
internal sealed record ModelSlot(string Id, int Index, IModel Model)
{
    /// <summary>Creates a model of a configuration.</summary>
    /// <exception cref="ConfigurationException">The backend cannot.</exception>
    public static async Task<IModel> CreateAsync(IModelBackend backend, PluginCalls calls, MultiModelConfig config, int index, CancellationToken cancellationToken)
    {
        var id = config.Models[index].Id;
        var context = new ModelContext(id, Seeds.Derive(config.Training.Seed, "model", id), config.Training.Threads);
        try
        {
            return await calls.WorkAsync("it", nameof(backend.CreateAsync), () => backend.CreateAsync(context, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
        {
            throw new ConfigurationException($"Models:{index}: '{config.Models[index].Backend.Use}' could not create the model '{id}': {e.Message}", e);
        }
    }

    /// <summary>Has the model do some work, for no longer than the configuration allows.</summary>
    /// <exception cref="Plugins.Limits.PluginHungException">It takes longer.</exception>
    public Task<T> CallAsync<T>(PluginCalls calls, string call, Func<IModel, ValueTask<T>> work, CancellationToken cancellationToken) =>
        calls.WorkAsync($"model '{Id}'", call, () => work(Model), cancellationToken, isModel: true);
}
