using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CoreSrl.Abstractions;
using TorchSharp;
using static TorchSharp.torch;

namespace CoreSrl.Torch;

/// <summary>A window onto a live torch tensor. On the CPU it reads and writes the tensor's own memory; on a GPU, through a small copy
/// beside it.</summary>
/// <remarks>The tensor must stay alive, in place and contiguous for as long as the window is used: update it with in-place operations
/// only. On a GPU, ranges copied in at the same time must not share an element.</remarks>
public sealed class TorchTensor : StateTensor
{
    private const int StagingBytes = 64 << 20;

    private readonly nint _address;

    /// <summary>Opens the window.</summary>
    /// <param name="part">Which part of the model the tensor belongs to.</param>
    /// <param name="name">Its name, unique within the part.</param>
    /// <param name="tensor">A contiguous tensor; its owner still disposes it.</param>
    /// <exception cref="ArgumentException">The tensor is not contiguous.</exception>
    /// <exception cref="NotSupportedException">A checkpoint cannot hold its element type.</exception>
    public TorchTensor(TensorPart part, string name, Tensor tensor)
        : base(part, Describe(name, tensor))
    {
        if (!tensor.is_contiguous())
            throw new ArgumentException($"Tensor {name} is not contiguous, so its bytes do not lie in a row.", nameof(tensor));
        Tensor = tensor;
        if (tensor.device_type == DeviceType.CPU && Info.ElementCount > 0)
            _address = AddressOf(tensor);
    }

    /// <summary>The live tensor.</summary>
    public Tensor Tensor { get; }

    /// <inheritdoc/>
    public override unsafe void CopyTo(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        if (destination.IsEmpty)
            return;
        if (_address != 0)
        {
            new ReadOnlySpan<byte>((void*)(_address + (nint)offset), destination.Length).CopyTo(destination);
            return;
        }

        while (!destination.IsEmpty)
        {
            using var elements = Covering(offset, Math.Min(destination.Length, StagingBytes), out var skip, out var length);
            using var staged = elements.cpu();
            staged.bytes.Slice(skip, length).CopyTo(destination);
            destination = destination[length..];
            offset += length;
        }
    }

    /// <inheritdoc/>
    public override unsafe void CopyFrom(long offset, ReadOnlySpan<byte> source)
    {
        CheckRange(offset, source.Length);
        if (source.IsEmpty)
            return;
        if (_address != 0)
        {
            source.CopyTo(new Span<byte>((void*)(_address + (nint)offset), source.Length));
            return;
        }

        while (!source.IsEmpty)
        {
            using var elements = Covering(offset, Math.Min(source.Length, StagingBytes), out var skip, out var length);
            using var staged = elements.cpu();
            source[..length].CopyTo(staged.bytes[skip..]);
            using var written = elements.copy_(staged);
            source = source[length..];
            offset += length;
        }
    }

    /// <inheritdoc/>
    public override bool TryGetMemory(long offset, int length, out Memory<byte> memory)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        CheckRange(offset, length);
        memory = _address == 0 ? default : new TorchMemory(Tensor, _address + (nint)offset, length).Memory;
        return Tensor.device_type == DeviceType.CPU;
    }

    private static TensorInfo Describe(string name, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        try
        {
            return new TensorInfo(name, tensor.dtype.ToTensorType(), [.. tensor.shape]);
        }
        catch (NotSupportedException problem)
        {
            throw new NotSupportedException($"Tensor {name}: {problem.Message}", problem);
        }
    }

    /// <summary>Where the first element of a contiguous CPU tensor lies that is not empty.</summary>
    /// <remarks>A span counts in int; the address of the first element does not, so tensors beyond 2 GiB work.</remarks>
    internal static unsafe nint AddressOf(Tensor tensor)
    {
        if (tensor.numel() * tensor.ElementSize <= int.MaxValue)
            return (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));
        using var scope = NewDisposeScope();
        var first = tensor.detach().view(-1).narrow(0, 0, 1);
        return (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(first.bytes));
    }

    // The whole elements that hold the bytes from offset on, and where among their bytes those begin.
    private Tensor Covering(long offset, int count, out int skip, out int length)
    {
        var size = Info.Type.ElementSize();
        var first = offset / size;
        var end = (offset + count + size - 1) / size;
        skip = (int)(offset - (first * size));
        length = count;
        using var scope = NewDisposeScope();
        return Tensor.detach().view(-1).narrow(0, first, end - first).MoveToOuterDisposeScope();
    }

    private void CheckRange(long offset, int length)
    {
        ObjectDisposedException.ThrowIf(Tensor.IsInvalid, this);
        if (offset < 0 || offset > Info.ByteLength - length)
        {
            throw new ArgumentOutOfRangeException(
                nameof(offset), offset, $"{length} bytes from there reach beyond the {Info.ByteLength} bytes of {Info}.");
        }
    }
}
