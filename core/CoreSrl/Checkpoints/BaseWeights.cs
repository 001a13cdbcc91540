using System.Collections.Concurrent;
using CoreSrl.Abstractions;
using CoreSrl.Formats;

namespace CoreSrl.Checkpoints;

/// <summary>
/// Frozen weights, stored once under their digest however many models and checkpoints refer to them.
/// </summary>
internal sealed class BaseWeights(ICheckpointStorage storage)
{
    /// <summary>The digest of each model's frozen tensors: they never change, so it is computed once.</summary>
    private readonly ConcurrentDictionary<string, string> _digests = new();

    /// <summary>Makes sure that a model's frozen weights are stored, and still are.</summary>
    /// <returns>Their digest; null when the model has none.</returns>
    public async Task<string?> StoreAsync(ModelSnapshot model, CancellationToken cancellationToken)
    {
        if (model.Frozen.Count == 0)
            return null;
        if (_digests.TryGetValue(model.Id, out var known)
            && await storage.StatAsync(CheckpointLayout.BaseWeights(known), cancellationToken).ConfigureAwait(false) is not null)
            return known;
        var content = SafetensorsWriter.Write(model.Frozen.Select(Copy));
        var digest = Digest.Of(content);
        var key = CheckpointLayout.BaseWeights(digest);
        if (await storage.StatAsync(key, cancellationToken).ConfigureAwait(false) is null)
            await storage.WriteAsync(key, content, WriteCondition.Always, cancellationToken).ConfigureAwait(false);
        return _digests[model.Id] = digest;
    }

    /// <summary>The digest under which a live model's frozen weights would be stored; null when it has none.</summary>
    public static string? DigestOf(IModel model)
    {
        var frozen = model.Tensors.Where(tensor => tensor.Part == TensorPart.Frozen).ToList();
        return frozen.Count == 0 ? null : Digest.Of(SafetensorsWriter.Write(frozen.Select(Copy)));
    }

    private static TensorBytes Copy(StateTensor tensor)
    {
        const int chunk = 64 << 20;
        var content = new SequenceBuilder();
        for (var offset = 0L; offset < tensor.Info.ByteLength; offset += chunk)
        {
            var piece = new byte[(int)Math.Min(chunk, tensor.Info.ByteLength - offset)];
            tensor.CopyTo(offset, piece);
            content.Append(piece);
        }

        return new(tensor.Info, content.Build());
    }
}
