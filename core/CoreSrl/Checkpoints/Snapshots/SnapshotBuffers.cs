using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Formats;

namespace CoreSrl.Checkpoints.Snapshots;

/// <summary>A state of which all but the tensors' bytes has been captured.</summary>
internal sealed record CapturedState(string Id, IStateful State, JsonObject Json, IReadOnlyList<StateTensor> Tensors);

/// <summary>
/// Copies what training mutates into memory that is used again and again. There is one such memory, as large as the mutable tensors,
/// a second one where they are small, and more while saves wait for their turn: when all are held by snapshots, no other snapshot can
/// be taken.
/// </summary>
/// <param name="queued">How many bytes may be held by snapshots that wait to be written.</param>
internal sealed class SnapshotBuffers(long queued)
{
    /// <summary>Up to this, a second copy is worth its memory: training keeps one of every boundary, even while another is written.</summary>
    private const long SpareUpTo = 48L << 20;

    /// <summary>Below this, starting threads costs more than they save.</summary>
    private const long ParallelFrom = 4L << 20;

    /// <summary>What one thread copies at a time.</summary>
    private const int PieceLength = 4 << 20;

    private readonly Lock _gate = new();
    private readonly Stack<StagingMemory> _free = new();
    private long _length = -1;
    private long _made;

    /// <summary>How many memories are kept.</summary>
    private int Usual => _length <= SpareUpTo ? 2 : 1;

    /// <summary>Makes the memory ready, so that the first snapshot is as quick as the others.</summary>
    public void Prepare(IEnumerable<(string Id, IStateful State)> states)
    {
        var length = LengthOf(states.SelectMany(state => Mutable(state.State.Tensors)));
        if (TryTake(length) is { } memory)
            Return(memory);
    }

    /// <summary>Asks states for all but the bytes of their tensors: what may fail comes before anything is overwritten.</summary>
    public static IReadOnlyList<CapturedState> Read(IEnumerable<(string Id, IStateful State)> states) =>
        [.. states.Select(state => new CapturedState(state.Id, state.State, state.State.CaptureState(), state.State.Tensors))];

    /// <summary>Copies the mutable tensors. Call when nothing changes them; null while snapshots hold all memory.</summary>
    public Snapshot? TryCopy(IReadOnlyList<CapturedState> states)
    {
        var mutable = states.SelectMany(state => Mutable(state.Tensors)).ToList();
        if (TryTake(LengthOf(mutable)) is not { } memory)
            return null;
        try
        {
            Copy(mutable, memory);
            var start = 0L;
            return new([.. states.Select(state => new ModelSnapshot
            {
                Id = state.Id,
                Source = state.State,
                Description = state.State.Description,
                Frozen = [.. state.Tensors.Where(tensor => tensor.Part == TensorPart.Frozen)],
                State = state.Json,
                Tensors = Mutable(state.Tensors).ToList().ConvertAll(tensor => (tensor.Part, Bytes: Take(memory, tensor.Info, ref start)))
                    .ToLookup(pair => pair.Part, pair => pair.Bytes),
            })], memory.Length, () => Return(memory));
        }
        catch
        {
            Return(memory);
            throw;
        }
    }

    /// <summary>Both steps at once.</summary>
    public Snapshot? TryCapture(IEnumerable<(string Id, IStateful State)> states) => TryCopy(Read(states));

    private static IEnumerable<StateTensor> Mutable(IEnumerable<StateTensor> tensors) => tensors.Where(tensor => tensor.Part != TensorPart.Frozen);

    private static long LengthOf(IEnumerable<StateTensor> tensors) => tensors.Sum(tensor => tensor.Info.ByteLength);

    private StagingMemory? TryTake(long length)
    {
        lock (_gate)
        {
            if (_length != length)
            {
                // Memory of another length that is still held is not taken back when it is let go.
                _free.Clear();
                (_length, _made) = (length, 0);
            }

            if (_free.TryPop(out var memory))
                return memory;
            return length == 0 || _made < Usual + (queued / length) ? Make() : null;
        }

        StagingMemory Make()
        {
            _made++;
            return new(length);
        }
    }

    private void Return(StagingMemory memory)
    {
        lock (_gate)
        {
            if (memory.Length != _length)
                return;
            if (_free.Count < Usual)
                _free.Push(memory);
            else
                _made--; // The storage answers again.
        }
    }

    private static void Copy(List<StateTensor> tensors, StagingMemory memory)
    {
        var pieces = new List<(StateTensor Tensor, long Offset, Memory<byte> Piece)>();
        var start = 0L;
        foreach (var tensor in tensors)
        {
            foreach (var (offset, piece) in memory.Pieces(start, tensor.Info.ByteLength, PieceLength))
                pieces.Add((tensor, offset, piece));
            start += tensor.Info.ByteLength;
        }

        if (start < ParallelFrom)
            pieces.ForEach(Copy);
        else
            Parallel.ForEach(pieces, Copy);
    }

    private static void Copy((StateTensor Tensor, long Offset, Memory<byte> Piece) copy) => copy.Tensor.CopyTo(copy.Offset, copy.Piece.Span);

    private static TensorBytes Take(StagingMemory memory, TensorInfo info, ref long start)
    {
        var bytes = new TensorBytes(info, memory.Slice(start, info.ByteLength));
        start += info.ByteLength;
        return bytes;
    }
}
