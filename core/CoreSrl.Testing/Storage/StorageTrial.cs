using System.Collections.Concurrent;
using System.Security.Cryptography;
using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>One rule on trial: a place of its own, clients onto it, and the words for what they do wrong.</summary>
internal sealed class StorageTrial : IAsyncDisposable
{
    private readonly StorageRule _rule;
    private readonly Func<string, ICheckpointStorage> _open;
    private readonly string _place;
    private readonly int _seed;
    private readonly ConcurrentBag<ICheckpointStorage> _clients = [];
    private bool _abandoned;

    public StorageTrial(StorageRule rule, Func<string, ICheckpointStorage> open, StorageConformanceOptions options)
    {
        _rule = rule;
        _open = open;
        Options = options;
        _seed = options.Seed ?? RandomNumberGenerator.GetInt32(int.MaxValue);
        _place = $"conformance-{rule.Name}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        Random = new(_seed);
        Storage = Open();
    }

    /// <summary>The first client.</summary>
    public ICheckpointStorage Storage { get; }

    public StorageConformanceOptions Options { get; }

    /// <summary>Seeded; for one thread.</summary>
    public Random Random { get; }

    /// <summary>Another client onto the same place.</summary>
    public ICheckpointStorage Open()
    {
        var client = _open(_place) ?? throw new InvalidOperationException("The factory gave no storage.");
        _clients.Add(client);
        return client;
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var check = Task.Run(() => _rule.Check(this), cancellationToken);
        if (await Task.WhenAny(check, Task.Delay(Options.Patience, cancellationToken)).ConfigureAwait(false) != check)
        {
            _abandoned = true;
            cancellationToken.ThrowIfCancellationRequested();
            throw Violated($"an end within {Options.Patience.TotalSeconds:F0} s", "there was none");
        }

        try
        {
            await check.ConfigureAwait(false);
        }
        catch (Exception e) when (e is not ConformanceException && !cancellationToken.IsCancellationRequested)
        {
            throw Violated("no error", $"there was {Tell(e)}", e);
        }
    }

    /// <summary>The error of a rule that is not kept.</summary>
    /// <param name="expected">What the contract promises, to follow "expected".</param>
    /// <param name="found">What happened, as half a sentence.</param>
    /// <param name="cause">What was thrown, if that is it.</param>
    public ConformanceException Violated(string expected, string found, Exception? cause = null) =>
        new($"{_rule.Name} ({_rule.Promise}): expected {expected}; {found}. (seed {_seed}, at {Storage.Location})", cause);

    /// <summary>Fails unless something holds.</summary>
    public void Expect(bool holds, string expected, string found)
    {
        if (!holds)
            throw Violated(expected, found);
    }

    /// <summary>Fails unless two values are the same.</summary>
    public void ExpectSame<T>(T expected, T found, string what) =>
        Expect(EqualityComparer<T>.Default.Equals(expected, found), $"{what} to be {Tell(expected)}", $"it was {Tell(found)}");

    /// <summary>Fails unless two lists are the same; says where they part.</summary>
    public void ExpectList<T>(IReadOnlyList<T> expected, IReadOnlyList<T> found, string what)
    {
        var same = expected.Zip(found).TakeWhile(pair => EqualityComparer<T>.Default.Equals(pair.First, pair.Second)).Count();
        if (same < expected.Count || same < found.Count)
            throw Violated($"{what}: {At(expected, same)}", $"found {At(found, same)}");

        static string At(IReadOnlyList<T> list, int place) => place < list.Count ? $"{Tell(list[place])} in place {place}" : $"its end in place {place}";
    }

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

    public static string Tell(Exception e) => e is StorageException known ? $"a StorageException ({known.Kind}): {known.Message}" : $"{e.GetType().Name}: {e.Message}";

    public async ValueTask DisposeAsync()
    {
        if (!_abandoned)
            await RemoveAllAsync().ConfigureAwait(false);
        foreach (var client in _clients)
        {
            if (client is IAsyncDisposable asynchronous)
                await asynchronous.DisposeAsync().ConfigureAwait(false);
            else
                (client as IDisposable)?.Dispose();
        }
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

    private static string Tell<T>(T value) => value switch
    {
        null => "nothing",
        string text => $"'{text}'",
        _ => $"{value}",
    };
}
