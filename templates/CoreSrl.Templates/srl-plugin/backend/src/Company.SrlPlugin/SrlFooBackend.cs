using CoreSrl.Abstractions;

namespace Company.SrlPlugin;

/// <summary>Makes small models that learn what to answer to each prompt, in a table.</summary>
/// <param name="options">How large they are.</param>
[Plugin("srl-foo", Description = "Small models that learn what to answer to each prompt, in a table.")]
public sealed class SrlFooBackend(SrlFooOptions options) : IModelBackend
{
    /// <inheritdoc/>
    public ValueTask<IModel> CreateAsync(ModelContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult<IModel>(new SrlFooModel(options, context.Seed));
    }
}
