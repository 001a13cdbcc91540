using CoreSrl.Abstractions;

namespace CoreSrl.Torch;

/// <summary>Notices that tensors which count as frozen, and so are not stored again, have changed all the same.</summary>
/// <remarks>It looks at the beginning of each tensor alone, which costs next to nothing; an optimizer or a moving average changes it all.</remarks>
internal sealed class FrozenGuard
{
    private const int Looked = 4096; // bytes

    private Dictionary<string, int>? _digests;

    /// <summary>Compares the tensors with what they were at the first call.</summary>
    /// <exception cref="InvalidOperationException">One has changed.</exception>
    public void Check(IEnumerable<StateTensor> frozen)
    {
        var digests = frozen.ToDictionary(tensor => tensor.Info.Name, Digest);
        foreach (var (name, digest) in digests)
        {
            if (_digests is not null && _digests.TryGetValue(name, out var first) && first != digest)
            {
                throw new InvalidOperationException(
                    $"Parameter {name} requires no gradient and is in no optimizer, so it was stored once, as frozen; but it has changed since. "
                    + "Give the module that holds what changes so to TorchState.Of by itself, or make that a buffer; then make a new TorchState.");
            }
        }

        _digests ??= digests;
    }

    /// <summary>Begins anew, because the tensors are about to be restored.</summary>
    public void Forget() => _digests = null;

    private static int Digest(StateTensor tensor)
    {
        var bytes = new byte[(int)Math.Min(Looked, tensor.Info.ByteLength)];
        tensor.CopyTo(0, bytes);
        var digest = new HashCode();
        digest.AddBytes(bytes);
        return digest.ToHashCode();
    }
}
