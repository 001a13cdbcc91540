using CoreSrl.Abstractions;

namespace CoreSrl.CrashProgram;

/// <summary>A tensor in a managed array, whose bits each step scrambles.</summary>
internal sealed class LoopTensor : StateTensor
{
    private readonly byte[] _bytes;

    /// <param name="part">Its part.</param>
    /// <param name="name">Its name.</param>
    /// <param name="length">In bytes; a multiple of 8.</param>
    public LoopTensor(TensorPart part, string name, int length)
        : base(part, new(name, TensorType.Int64, length / sizeof(long))) => _bytes = new byte[length];

    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Makes every element a function of its own value, its place and a number.</summary>
    public void Scramble(long number)
    {
        var elements = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(_bytes.AsSpan());
        for (var index = 0; index < elements.Length; index++)
            elements[index] = ((elements[index] ^ (ulong)index) * 6364136223846793005) + (ulong)number + 1442695040888963407;
    }

    public override void CopyTo(long offset, Span<byte> destination) => _bytes.AsSpan((int)offset, destination.Length).CopyTo(destination);

    public override void CopyFrom(long offset, ReadOnlySpan<byte> source) => source.CopyTo(_bytes.AsSpan((int)offset, source.Length));

    public override bool TryGetMemory(long offset, int length, out Memory<byte> memory)
    {
        memory = _bytes.AsMemory((int)offset, length);
        return true;
    }
}
