using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.Limits;

/// <summary>A policy whose answers are waited for only so long. Once it hangs it is not asked again.</summary>
internal sealed class LimitedPolicy(string name, ICheckpointPolicy policy, PluginCalls calls) : ICheckpointPolicy
{
    private PluginHungException? _hung;

    public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) =>
        Ask(nameof(Decide), () => policy.Decide(progress, saved));

    // What it keeps is read to its end within the limit: an iterator does its work only then.
    public IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved) => Ask(nameof(Keep), () => policy.Keep(saved).ToList());

    private T Ask<T>(string call, Func<T> function)
    {
        if (_hung is { } hung)
            throw hung;
        try
        {
            return calls.Quick($"policy '{name}'", call, function);
        }
        catch (PluginHungException e)
        {
            _hung = e;
            throw;
        }
    }
}
