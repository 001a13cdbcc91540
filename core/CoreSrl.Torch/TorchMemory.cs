using System.Buffers;
using static TorchSharp.torch;

namespace CoreSrl.Torch;

/// <summary>A range of a CPU tensor's own bytes as <see cref="Memory{T}"/>, so that a file can be read straight into the tensor.</summary>
/// <remarks>It holds on to the tensor, so no finalizer frees the bytes under it; a tensor that its owner disposes takes them along.</remarks>
internal sealed unsafe class TorchMemory(Tensor tensor, nint address, int length) : MemoryManager<byte>
{
    /// <inheritdoc/>
    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(tensor.IsInvalid, tensor);
        return new Span<byte>((void*)address, length);
    }

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elementIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(elementIndex, length);
        ObjectDisposedException.ThrowIf(tensor.IsInvalid, tensor);
        return new MemoryHandle((byte*)address + elementIndex, pinnable: this); // native memory stays where it is
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}
