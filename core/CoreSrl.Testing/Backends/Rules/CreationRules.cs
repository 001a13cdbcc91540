using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>What a model is when it has been created.</summary>
internal static class CreationRules
{
    public static IEnumerable<Rule<BackendTrial>> All { get; } =
    [
        new("same-context-same-bits", "The initial state follows from the context and the options alone, to the bit.", SameBitsAsync),
    ];

    private static async Task SameBitsAsync(BackendTrial trial)
    {
        var seed = (ulong)trial.Random.NextInt64();
        var (one, two) = (await trial.CreateModelAsync(seed).ConfigureAwait(false), await trial.CreateModelAsync(seed).ConfigureAwait(false));
        trial.ExpectList([.. one.Tensors.Select(tensor => tensor.Info)], [.. two.Tensors.Select(tensor => tensor.Info)], "the tensors of another model of the same context");
        foreach (var (mine, others) in one.Tensors.Zip(two.Tensors))
            trial.Expect(Bytes(mine).AsSpan().SequenceEqual(Bytes(others)), $"the bits of '{mine.Info}' in another model of the same context", "there are others");
        trial.ExpectSame(one.CaptureState().ToJsonString(), two.CaptureState().ToJsonString(), "the state of another model of the same context");
    }

    private static byte[] Bytes(StateTensor tensor)
    {
        var bytes = new byte[tensor.Info.ByteLength];
        tensor.CopyTo(0, bytes);
        return bytes;
    }
}
