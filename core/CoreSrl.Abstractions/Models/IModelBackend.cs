namespace CoreSrl.Abstractions;

/// <summary>
/// Creates the models of one kind. A plugin of this contract is selected for each entry of <c>Models</c>, with that entry's options.
/// </summary>
public interface IModelBackend
{
    /// <summary>
    /// Creates a model in its initial state. Called once per model, one after the other, before the first episode. The initial
    /// state depends on <paramref name="context"/> and the options alone. An exception ends the run before anything is written.
    /// </summary>
    ValueTask<IModel> CreateAsync(ModelContext context, CancellationToken cancellationToken);
}
