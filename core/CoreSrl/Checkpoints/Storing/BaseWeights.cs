using System.Globalization;
using System.Runtime.CompilerServices;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Loading;
using CoreSrl.Formats;
using CoreSrl.Formats.Safetensors;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Checkpoints.Storing;

/// <summary>
/// Frozen weights, stored once under their digest however many models and checkpoints refer to them. They are read from the live
/// tensors piece by piece, never copied as a whole.
/// </summary>
internal sealed class BaseWeights(ICheckpointStorage storage, ILogger logger)
{
    /// <summary>Frozen weights never change, so their digest is computed once; and which copy of them it is of.</summary>
    private readonly ConditionalWeakTable<IStateful, Task<(FileRecord File, int Copy)>> _digests = [];

    /// <summary>The base weights whose stored bytes this process has written or seen to be right.</summary>
    private readonly HashSet<string> _checked = new(StringComparer.Ordinal);

    private HashSet<string> _avoided = [];

    /// <summary>Never to store base weights of these digests: a file of such a name may vanish. A copy of another digest, with the same
    /// tensors, takes its place.</summary>
    public void Avoid(IEnumerable<string> digests)
    {
        _avoided = new(digests, StringComparer.Ordinal);
        _digests.Clear();
    }

    /// <summary>The file that a state's frozen tensors make; null when it has none.</summary>
    public async Task<FileRecord?> DescribeAsync(IStateful state, IReadOnlyList<StateTensor> frozen, CancellationToken cancellationToken)
    {
        if (frozen.Count == 0)
            return null;
        if (!_digests.TryGetValue(state, out var digest) || !digest.IsCompletedSuccessfully)
            _digests.AddOrUpdate(state, digest = Task.Run(() => DigestAsync(frozen, cancellationToken), cancellationToken));
        return (await digest.ConfigureAwait(false)).File;
    }

    /// <summary>A state's frozen tensors are about to be overwritten.</summary>
    public void Forget(IStateful state) => _digests.Remove(state);

    /// <summary>
    /// Whether the file is stored, and is what it should be. The first time, a file of this machine is read to see; later its size
    /// must do. What was stored over a network is left to its storage.
    /// </summary>
    public async Task<bool> IsStoredAsync(FileRecord file, CancellationToken cancellationToken)
    {
        var key = CheckpointLayout.BaseWeights(file.Xxh128);
        var info = await storage.StatAsync(key, cancellationToken).ConfigureAwait(false);
        if (info is null)
            return false;
        var problem = info.Length != file.Size
            ? $"has {info.Length} bytes; {file.Size} were written"
            : storage.Capabilities.IsLocal && !_checked.Contains(file.Xxh128)
                ? await new VerifiedRead(storage, key, file).CheckAsync(cancellationToken).ConfigureAwait(false)
                : null;
        if (problem is null)
            _checked.Add(file.Xxh128);
        else
            logger.LogWarning("{Location}: {Key} {Problem}. It is written again, from the live model.", storage.Location, key, problem);
        return problem is null;
    }

    /// <summary>Writes the file, from the live tensors of a state that has been described.</summary>
    public async Task StoreAsync(FileRecord file, IStateful state, IReadOnlyList<StateTensor> frozen, CancellationToken cancellationToken)
    {
        var copy = _digests.TryGetValue(state, out var digest) ? (await digest.ConfigureAwait(false)).Copy : 1;
        await storage.WriteFromAsync(CheckpointLayout.BaseWeights(file.Xxh128), FileOf(frozen, copy), WriteCondition.Always, cancellationToken).ConfigureAwait(false);
        _checked.Add(file.Xxh128);
    }

    private async Task<(FileRecord File, int Copy)> DigestAsync(IReadOnlyList<StateTensor> frozen, CancellationToken cancellationToken)
    {
        for (var copy = 1; ; copy++)
        {
            var file = await FileDigest.OfAsync(FileOf(frozen, copy), cancellationToken).ConfigureAwait(false);
            if (!_avoided.Contains(file.Xxh128))
                return (file, copy);
        }
    }

    private static CompositeSource FileOf(IReadOnlyList<StateTensor> frozen, int copy) => SafetensorsWriter.ToSource(
        "base weights", frozen.Select(TensorSource.Of), copy == 1 ? null : [KeyValuePair.Create("copy", copy.ToString(CultureInfo.InvariantCulture))]);
}
