using System.Collections.Concurrent;
using CoreSrl.Abstractions;
using CoreSrl.Formats;

namespace CoreSrl.Checkpoints;

/// <summary>
/// Copies what training mutates into buffers that are used again and again: fresh memory would cost a page fault per 4 KiB on the
/// training thread, many times the copy itself.
/// </summary>
internal sealed class SnapshotPool(IReadOnlyList<(string Id, IModel Model)> models)
{
    /// <summary>Below this, starting threads costs more than they save.</summary>
    private const long ParallelFrom = 8L << 20;

    private readonly ConcurrentBag<byte[][]> _free = [];

    private readonly StateTensor[] _mutable =
        [.. models.SelectMany(model => model.Model.Tensors).Where(tensor => tensor.Part != TensorPart.Frozen)];

    /// <summary>Copies every model's mutable tensors and asks for the rest of its state. Call at an episode boundary.</summary>
    public Snapshot Capture()
    {
        if (!_free.TryTake(out var buffers))
            buffers = [.. _mutable.SelectMany(Chunks).Select(chunk => GC.AllocateUninitializedArray<byte>(chunk.Length))];
        var copies = _mutable.SelectMany(Chunks).Zip(buffers).ToList();
        if (copies.Sum(copy => (long)copy.Second.Length) < ParallelFrom)
            copies.ForEach(Copy);
        else
            Parallel.ForEach(copies, Copy);

        var next = 0;
        var snapshots = models.Select(model => new ModelSnapshot
        {
            Id = model.Id,
            Description = model.Model.Description,
            Frozen = [.. model.Model.Tensors.Where(tensor => tensor.Part == TensorPart.Frozen)],
            State = model.Model.CaptureState(),
            Tensors = model.Model.Tensors.Where(tensor => tensor.Part != TensorPart.Frozen).ToList()
                .ConvertAll(tensor => (tensor.Part, Bytes: Assemble(tensor, buffers, ref next)))
                .ToLookup(pair => pair.Part, pair => pair.Bytes),
        }).ToList();
        return new(snapshots, () => _free.Add(buffers));
    }

    private static void Copy(((StateTensor Tensor, long Offset, int Length) Chunk, byte[] Buffer) copy) =>
        copy.Chunk.Tensor.CopyTo(copy.Chunk.Offset, copy.Buffer);

    /// <summary>A tensor may be larger than an array can be.</summary>
    private static IEnumerable<(StateTensor Tensor, long Offset, int Length)> Chunks(StateTensor tensor)
    {
        const int chunk = 64 << 20;
        for (var offset = 0L; offset < tensor.Info.ByteLength; offset += chunk)
            yield return (tensor, offset, (int)Math.Min(chunk, tensor.Info.ByteLength - offset));
    }

    private static TensorBytes Assemble(StateTensor tensor, byte[][] buffers, ref int next)
    {
        var content = new SequenceBuilder();
        foreach (var _ in Chunks(tensor))
            content.Append(buffers[next++]);
        return new(tensor.Info, content.Build());
    }
}
