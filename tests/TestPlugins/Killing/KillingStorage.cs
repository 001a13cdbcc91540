using System.Buffers;
using System.Runtime.CompilerServices;
using CoreSrl.Abstractions;
using LocalStoragePlugin = CoreSrl.Plugins.LocalStorage.LocalStorage;

namespace CoreSrl.Killing;

/// <summary>
/// A local storage that counts its calls, each step of a listing as one, and kills the process before, inside or after one of them,
/// as <see cref="KillPoint.Variable"/> says. Without that variable it is the local storage and nothing more.
/// </summary>
/// <param name="context">Where the objects lie.</param>
[Plugin("killing")]
public sealed class KillingStorage(StorageContext context) : ICheckpointStorage
{
    private readonly LocalStoragePlugin _inner = new(new(), context);
    private readonly KillPoint? _point = KillPoint.Own;
    private int _calls;

    /// <summary>How a process can die inside a call.</summary>
    private enum Way
    {
        /// <summary>With half of the content written.</summary>
        Content,

        /// <summary>As soon as the object appears, changes or vanishes.</summary>
        Name,

        /// <summary>As soon as the object's folder appears or vanishes.</summary>
        Folder,

        /// <summary>After a time between a microsecond and some milliseconds.</summary>
        Time,
    }

    /// <inheritdoc/>
    public string Location => _inner.Location;

    /// <inheritdoc/>
    public StorageCapabilities Capabilities => _inner.Capabilities;

    /// <inheritdoc/>
    public ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken) =>
        CallAsync("stat", key, [Way.Time], _ => _inner.StatAsync(key, cancellationToken));

    /// <inheritdoc/>
    public async ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        await CallAsync("read", key, [Way.Time], async _ =>
        {
            await _inner.ReadAsync(key, offset, destination, cancellationToken);
            return true;
        });

    /// <inheritdoc/>
    public ValueTask<StoredObject?> ReadAllAsync(string key, CancellationToken cancellationToken) =>
        CallAsync("read", key, [Way.Time], _ => _inner.ReadAllAsync(key, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken) =>
        CallAsync("write", key, [Way.Content, Way.Name, Way.Folder, Way.Time], way =>
            _inner.WriteAsync(key, way == Way.Content ? LethalContent.Halfway(content) : content, condition, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<ObjectInfo> WriteFromAsync(string key, IByteSource content, WriteCondition condition, CancellationToken cancellationToken) =>
        CallAsync("write", key, [Way.Content, Way.Name, Way.Folder, Way.Time], way =>
            _inner.WriteFromAsync(key, way == Way.Content ? new LethalSource(content) : content, condition, cancellationToken));

    /// <inheritdoc/>
    public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) =>
        StepsAsync(prefix, _inner.ListAsync(prefix, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<string> ListFoldersAsync(string prefix, CancellationToken cancellationToken) =>
        StepsAsync(prefix, _inner.ListFoldersAsync(prefix, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string key, CancellationToken cancellationToken) =>
        await CallAsync("delete", key, [Way.Name, Way.Folder, Way.Time], async _ =>
        {
            await _inner.DeleteAsync(key, cancellationToken);
            return true;
        });

    private async IAsyncEnumerable<T> StepsAsync<T>(string prefix, IAsyncEnumerable<T> list, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var steps = list.GetAsyncEnumerator(cancellationToken);
        while (await CallAsync("list", prefix, [Way.Time], _ => steps.MoveNextAsync()))
            yield return steps.Current;
    }

    private async ValueTask<T> CallAsync<T>(string verb, string key, Way[] ways, Func<Way?, ValueTask<T>> call)
    {
        if (_point is null)
            return await call(null);
        var number = Interlocked.Increment(ref _calls);
        Console.Error.WriteLine($"call {number} {verb} {key}");
        if (number != _point.Call)
            return await call(null);

        var random = new Random(_point.Seed);
        Way? way = _point.Place == KillPlace.Inside ? ways[random.Next(ways.Length)] : null;
        Console.Error.WriteLine($"killed {_point.Place}{(way is null ? "" : $" ({way})")} {verb} {key}");
        if (_point.Place == KillPlace.Before)
            Death.Now();
        try
        {
            Await(way, Path.Combine(Location, key), random);
            return await call(way);
        }
        finally
        {
            Death.Now();
        }
    }

    private static void Await(Way? way, string path, Random random)
    {
        switch (way)
        {
            case Way.Name: Death.WhenFileChanges(path); break;
            case Way.Folder: Death.WhenFolderChanges(Path.GetDirectoryName(path)!); break;
            case Way.Time: Death.After(TimeSpan.FromMicroseconds(Math.Pow(10, 3.5 * random.NextDouble()))); break;
            default: break;
        }
    }
}
