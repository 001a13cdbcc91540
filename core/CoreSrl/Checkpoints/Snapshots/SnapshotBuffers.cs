using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Formats;

namespace CoreSrl.Checkpoints.Snapshots;

/// <summary>A state of which all but the tensors' bytes has been captured.</summary>
internal sealed record CapturedState(string Id, IStateful State, JsonObject Json, IReadOnlyList<StateTensor> Tensors);

/// <summary>
/// Copies what training mutates into memory that is used again and again. There is one such memory, as large as the mutable tensors:
/// while a snapshot is held, no other can be taken.
/// </summary>
internal sealed class SnapshotBuffers
{
    /// <summary>Below this, starting threads costs more than they save.</summary>
    private const long ParallelFrom = 4L << 20;

    /// <summary>What one thread copies at a time.</summary>
    private const int PieceLength = 4 << 20;

    private StagingMemory _memory = new(0);
    private int _held;

    /// <summary>Whether a snapshot is held, so that none can be taken.</summary>
    public bool IsHeld => Volatile.Read(ref _held) != 0;

    /// <summary>Makes the memory ready, so that the first snapshot is as quick as the others.</summary>
    public void Prepare(IEnumerable<(string Id, IStateful State)> states)
    {
        if (!IsHeld)
            Fit(states.SelectMany(state => Mutable(state.State.Tensors)).Sum(tensor => tensor.Info.ByteLength));
    }

    /// <summary>Asks states for all but the bytes of their tensors: what may fail comes before anything is overwritten.</summary>
    public static IReadOnlyList<CapturedState> Read(IEnumerable<(string Id, IStateful State)> states) =>
        [.. states.Select(state => new CapturedState(state.Id, state.State, state.State.CaptureState(), state.State.Tensors))];

    /// <summary>Copies the mutable tensors. Call when nothing changes them; null while another snapshot is held.</summary>
    public Snapshot? TryCopy(IReadOnlyList<CapturedState> states)
    {
        if (Interlocked.CompareExchange(ref _held, 1, 0) != 0)
            return null;
        try
        {
            var mutable = states.SelectMany(state => Mutable(state.Tensors)).ToList();
            Fit(mutable.Sum(tensor => tensor.Info.ByteLength));
            Copy(mutable);
            var start = 0L;
            return new([.. states.Select(state => new ModelSnapshot
            {
                Id = state.Id,
                Source = state.State,
                Description = state.State.Description,
                Frozen = [.. state.Tensors.Where(tensor => tensor.Part == TensorPart.Frozen)],
                State = state.Json,
                Tensors = Mutable(state.Tensors).ToList().ConvertAll(tensor => (tensor.Part, Bytes: Take(tensor.Info, ref start)))
                    .ToLookup(pair => pair.Part, pair => pair.Bytes),
            })], () => Volatile.Write(ref _held, 0));
        }
        catch
        {
            Volatile.Write(ref _held, 0);
            throw;
        }
    }

    /// <summary>Both steps at once.</summary>
    public Snapshot? TryCapture(IEnumerable<(string Id, IStateful State)> states) => TryCopy(Read(states));

    private static IEnumerable<StateTensor> Mutable(IEnumerable<StateTensor> tensors) => tensors.Where(tensor => tensor.Part != TensorPart.Frozen);

    private void Fit(long length)
    {
        if (_memory.Length != length)
            _memory = new(length);
    }

    private void Copy(List<StateTensor> tensors)
    {
        var pieces = new List<(StateTensor Tensor, long Offset, Memory<byte> Piece)>();
        var start = 0L;
        foreach (var tensor in tensors)
        {
            foreach (var (offset, piece) in _memory.Pieces(start, tensor.Info.ByteLength, PieceLength))
                pieces.Add((tensor, offset, piece));
            start += tensor.Info.ByteLength;
        }

        if (start < ParallelFrom)
            pieces.ForEach(Copy);
        else
            Parallel.ForEach(pieces, Copy);
    }

    private static void Copy((StateTensor Tensor, long Offset, Memory<byte> Piece) copy) => copy.Tensor.CopyTo(copy.Offset, copy.Piece.Span);

    private TensorBytes Take(TensorInfo info, ref long start)
    {
        var bytes = new TensorBytes(info, _memory.Slice(start, info.ByteLength));
        start += info.ByteLength;
        return bytes;
    }
}
