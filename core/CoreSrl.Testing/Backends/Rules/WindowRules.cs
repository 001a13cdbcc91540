using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>The windows onto tensors, through which a model is saved and restored.</summary>
internal static class WindowRules
{
    // As much of a tensor as is looked at.
    private const int Looked = 1 << 20;

    public static IEnumerable<Rule<BackendTrial>> All { get; } =
    [
        new("any-range-is-read", "Any range of a tensor can be read, and several at once.", AnyRangeIsReadAsync),
        new("any-range-is-written", "Any range of a tensor can be written, and several at once; nothing beside it changes.", AnyRangeIsWrittenAsync),
        new("ranges-end-with-the-tensor", "A range that reaches beyond a tensor is refused with an ArgumentOutOfRangeException.", RangesEndAsync),
        new("memory-is-the-tensor", "A tensor's own memory, where it is given, is exactly the range asked for.", MemoryIsTheTensorAsync),
    ];

    private static async Task AnyRangeIsReadAsync(BackendTrial trial)
    {
        foreach (var tensor in await TensorsAsync(trial).ConfigureAwait(false))
        {
            var whole = Read(tensor, 0, Length(tensor));
            var wrong = Ranges(trial, whole.Length).AsParallel()
                .Where(range => !Read(tensor, range.Offset, range.Length).AsSpan().SequenceEqual(whole.AsSpan(range.Offset, range.Length))).ToList();
            trial.Expect(
                wrong.Count == 0,
                $"any range of {tensor.Info} to have the bytes that it has in the whole", $"others were read of (offset, length) {string.Join(", ", wrong)}");
        }
    }

    private static async Task AnyRangeIsWrittenAsync(BackendTrial trial)
    {
        foreach (var tensor in (await TensorsAsync(trial).ConfigureAwait(false)).Where(tensor => tensor.Part != TensorPart.Frozen))
        {
            // A bool is 0 or 1; other types take any bits.
            var expected = new byte[Length(tensor)];
            trial.Random.NextBytes(expected);
            for (var i = 0; i < expected.Length && tensor.Info.Type == TensorType.Bool; i++)
                expected[i] &= 1;
            tensor.CopyFrom(0, expected);
            foreach (var (offset, length) in Ranges(trial, expected.Length))
            {
                var change = expected.AsSpan(offset, length);
                change.Reverse();
                tensor.CopyFrom(offset, change);
            }

            trial.Expect(
                Read(tensor, 0, expected.Length).AsSpan().SequenceEqual(expected),
                $"{tensor.Info} to hold what was written in pieces", "it holds something else");

            // Pieces of whole elements, from several threads.
            var piece = Math.Max(64, expected.Length / 16 / 64 * 64);
            Array.Reverse(expected);
            Parallel.For(0, (expected.Length + piece - 1) / piece, i => tensor.CopyFrom(i * piece, expected.AsSpan(i * piece, Math.Min(piece, expected.Length - (i * piece)))));
            trial.Expect(
                Read(tensor, 0, expected.Length).AsSpan().SequenceEqual(expected),
                $"{tensor.Info} to hold what several threads wrote", "it holds something else");
        }
    }

    private static async Task RangesEndAsync(BackendTrial trial)
    {
        foreach (var tensor in await TensorsAsync(trial).ConfigureAwait(false))
        {
            foreach (var offset in new[] { tensor.Info.ByteLength - 3, tensor.Info.ByteLength, tensor.Info.ByteLength + 100, -1 })
            {
                Refused(trial, tensor, offset, "reading", () => tensor.CopyTo(offset, new byte[4]));
                Refused(trial, tensor, offset, "writing", () => tensor.CopyFrom(offset, new byte[4]));
                if (tensor.TryGetMemory(0, 1, out _))
                    Refused(trial, tensor, offset, "addressing", () => tensor.TryGetMemory(offset, 4, out _));
            }
        }
    }

    private static void Refused(BackendTrial trial, StateTensor tensor, long offset, string what, Action call)
    {
        var expected = $"{what} 4 bytes from byte {offset} on of {tensor.Info}, which has {tensor.Info.ByteLength}, to be refused with an ArgumentOutOfRangeException";
        try
        {
            call();
        }
        catch (ArgumentOutOfRangeException)
        {
            return;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw trial.Violated(expected, $"there was {trial.Tell(e)}", e);
        }

        throw trial.Violated(expected, "it was not");
    }

    private static async Task MemoryIsTheTensorAsync(BackendTrial trial)
    {
        foreach (var tensor in await TensorsAsync(trial).ConfigureAwait(false))
        {
            foreach (var (offset, length) in Ranges(trial, Length(tensor)))
            {
                if (!tensor.TryGetMemory(offset, length, out var memory))
                    continue;
                trial.ExpectSame(length, memory.Length, $"the length of the memory of {tensor.Info} from byte {offset} on");
                trial.Expect(memory.Span.SequenceEqual(Bytes()), $"the memory of {tensor.Info} to hold its bytes", "it holds others");
                if (tensor.Part == TensorPart.Frozen || tensor.Info.Type == TensorType.Bool)
                    continue;
                memory.Span.Reverse();
                trial.Expect(memory.Span.SequenceEqual(Bytes()), $"what is written into the memory of {tensor.Info} to be in the tensor", "it is not");

                ReadOnlySpan<byte> Bytes() => Read(tensor, 0, Length(tensor)).AsSpan(offset, length);
            }
        }
    }

    private static async Task<IReadOnlyList<StateTensor>> TensorsAsync(BackendTrial trial)
    {
        var model = await trial.CreateModelAsync(trial.Seed()).ConfigureAwait(false);
        await trial.TrainAsync(model).ConfigureAwait(false);
        return [.. model.Tensors.Where(tensor => tensor.Info.ByteLength > 0)];
    }

    private static IReadOnlyList<(int Offset, int Length)> Ranges(BackendTrial trial, int length) =>
    [
        (0, length), (length - 1, 1), (0, 1),
        .. Enumerable.Range(0, 8).Select(_ =>
        {
            var offset = trial.Random.Next(length);
            return (offset, 1 + trial.Random.Next(length - offset));
        }),
    ];

    private static int Length(StateTensor tensor) => (int)Math.Min(Looked, tensor.Info.ByteLength);

    private static byte[] Read(StateTensor tensor, long offset, int length)
    {
        var bytes = new byte[length];
        tensor.CopyTo(offset, bytes);
        return bytes;
    }
}
