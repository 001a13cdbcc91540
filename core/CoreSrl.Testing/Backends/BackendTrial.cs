using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>One rule of backends on trial.</summary>
internal sealed class BackendTrial(ConformanceRule rule, Func<IModelBackend> create, BackendConformanceOptions options)
    : PluginTrial<IModelBackend>(rule, create, options)
{
    public BackendConformanceOptions Options => options;

    /// <summary>A model of a backend of its own.</summary>
    public async Task<IModel> CreateModelAsync(ulong seed)
    {
        var model = await Create().CreateAsync(new("model", seed, Threads: 1), default).ConfigureAwait(false);
        return Make(() => model);
    }
}
