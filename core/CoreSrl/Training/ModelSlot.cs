using CoreSrl.Abstractions;
using CoreSrl.Plugins.Limits;

namespace CoreSrl.Training;

/// <summary>A model at its place in a run.</summary>
/// <param name="Id">Its id in the configuration.</param>
/// <param name="Index">Its place in the configuration.</param>
/// <param name="Model">The model.</param>
internal sealed record ModelSlot(string Id, int Index, IModel Model)
{
    /// <summary>Has the model do some work, for no longer than the configuration allows.</summary>
    /// <exception cref="Plugins.Limits.PluginHungException">It takes longer.</exception>
    public Task<T> CallAsync<T>(PluginCalls calls, string call, Func<IModel, ValueTask<T>> work, CancellationToken cancellationToken) =>
        calls.WorkAsync($"model '{Id}'", call, () => work(Model), cancellationToken, isModel: true);
}
