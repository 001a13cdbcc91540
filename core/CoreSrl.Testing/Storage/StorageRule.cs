namespace CoreSrl.Testing;

/// <summary>A promise of <see cref="Abstractions.ICheckpointStorage"/> that can be checked.</summary>
public sealed class StorageRule
{
    internal StorageRule(string name, string promise, Func<StorageTrial, Task> check)
    {
        Name = name;
        Promise = promise;
        Check = check;
    }

    /// <summary>Names it among the others: lower-case words and hyphens.</summary>
    public string Name { get; }

    /// <summary>What is promised, as a sentence.</summary>
    public string Promise { get; }

    internal Func<StorageTrial, Task> Check { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Promise}";
}
