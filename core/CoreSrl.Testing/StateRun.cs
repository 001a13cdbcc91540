namespace CoreSrl.Testing;

/// <summary>A run in which plugins may remember something.</summary>
/// <param name="CreateAsync">Makes a plugin as it is when training begins.</param>
/// <param name="ShowAsync">Shows a step of the run to a plugin, and gives what it made of it in words.</param>
internal sealed record StateRun<TPlugin>(Func<Task<TPlugin>> CreateAsync, Func<TPlugin, int, Task<string>> ShowAsync)
{
    /// <summary>Gives the second plugin what a checkpoint of the first holds beside its memory.</summary>
    public Action<TPlugin, TPlugin> Carry { get; init; } = (_, _) => { };
}
