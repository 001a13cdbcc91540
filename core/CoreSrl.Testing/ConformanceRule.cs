namespace CoreSrl.Testing;

/// <summary>A promise of a contract that can be checked.</summary>
public abstract class ConformanceRule
{
    private protected ConformanceRule(string name, string promise)
    {
        Name = name;
        Promise = promise;
    }

    /// <summary>Names it among the others of its contract: lower-case words and hyphens.</summary>
    public string Name { get; }

    /// <summary>What is promised, as a sentence.</summary>
    public string Promise { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Promise}";

    internal abstract Task CheckAsync(Trial trial);
}

/// <summary>A rule that is checked in trials of one kind.</summary>
internal sealed class Rule<TTrial>(string name, string promise, Func<TTrial, Task> check) : ConformanceRule(name, promise)
    where TTrial : Trial
{
    /// <summary>One that waits for nothing.</summary>
    public Rule(string name, string promise, Action<TTrial> check)
        : this(name, promise, trial =>
        {
            check(trial);
            return Task.CompletedTask;
        })
    {
    }

    internal override Task CheckAsync(Trial trial) => check((TTrial)trial);
}
