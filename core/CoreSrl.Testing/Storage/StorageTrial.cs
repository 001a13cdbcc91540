using System.Security.Cryptography;
using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>One rule of storages on trial: a place of its own, and clients onto it.</summary>
internal sealed class StorageTrial : Trial
{
    private readonly Func<string, ICheckpointStorage> _open;
    private readonly string _place;

    public StorageTrial(ConformanceRule rule, Func<string, ICheckpointStorage> open, StorageConformanceOptions options)
        : base(rule, options)
    {
        _open = open;
        Options = options;
        _place = $"conformance-{rule.Name}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        Storage = Open();
    }

    /// <summary>The first client.</summary>
    public ICheckpointStorage Storage { get; }

    public StorageConformanceOptions Options { get; }

    protected override string Place => $", at {Storage.Location}";

    /// <summary>Another client onto the same place.</summary>
    public ICheckpointStorage Open() => Make(() => _open(_place));

    /// <summary>Fails unless a call fails with the kind that the contract says.</summary>
    /// <returns>The failure.</returns>
    public async Task<StorageException> FailsAsync(StorageErrorKind kind, string what, Func<ValueTask> call)
    {
        try
        {
            await call().ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind == kind)
        {
            return e;
        }
        catch (Exception e)
        {
            throw Violated($"{what} to fail as {kind}", $"it failed with {Tell(e)}", e);
        }

        throw Violated($"{what} to fail as {kind}", "it succeeded");
    }

    public override string Tell(Exception e) => e is StorageException known ? $"a StorageException ({known.Kind}): {known.Message}" : base.Tell(e);

    public override async ValueTask DisposeAsync()
    {
        if (!Abandoned)
            await RemoveAllAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    // For tidiness alone: what a storage does wrong here is a rule's to say.
    private async Task RemoveAllAsync()
    {
        try
        {
            using var patience = new CancellationTokenSource(Options.Patience);
            var keys = (await Storage.ListedAsync("", patience.Token).ConfigureAwait(false)).Select(info => info.Key);
            await Parallel.ForEachAsync(
                keys,
                new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = patience.Token },
                async (key, token) => await Storage.DeleteAsync(key, token).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
        }
    }
}
