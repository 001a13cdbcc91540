using System.Buffers;

namespace CoreSrl.Formats;

/// <summary>Strings pieces of memory together to one sequence, without copying them.</summary>
internal sealed class SequenceBuilder
{
    private Segment? _first;
    private Segment? _last;

    /// <summary>The bytes so far.</summary>
    public long Length { get; private set; }

    public void Append(ReadOnlyMemory<byte> piece)
    {
        // An empty segment would be legal, but every consumer would have to step over it.
        if (piece.IsEmpty)
            return;
        _last = new Segment(piece, Length, _last);
        _first ??= _last;
        Length += piece.Length;
    }

    public void Append(ReadOnlySequence<byte> pieces)
    {
        foreach (var piece in pieces)
            Append(piece);
    }

    public ReadOnlySequence<byte> Build() =>
        _first is null || _last is null ? default : new(_first, 0, _last, _last.Memory.Length);

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long runningIndex, Segment? previous)
        {
            Memory = memory;
            RunningIndex = runningIndex;
            previous?.Next = this;
        }
    }
}
