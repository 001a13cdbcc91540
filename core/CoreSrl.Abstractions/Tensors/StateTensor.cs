namespace CoreSrl.Abstractions;

/// <summary>
/// A window onto one live tensor of a model: through it the engine copies the tensor's bytes out (to save) and in (to restore).
/// Offsets are long, so a tensor may be larger than 2 GiB, on any device.
/// </summary>
/// <remarks>
/// The engine calls the copy members at episode boundaries only, when the model neither acts nor learns. It may copy disjoint
/// ranges of one tensor, or several tensors, from several threads at once.
/// </remarks>
public abstract class StateTensor
{
    /// <summary>Describes the window.</summary>
    protected StateTensor(TensorPart part, TensorInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        Part = part;
        Info = info;
    }

    /// <summary>Which part of the model the tensor belongs to.</summary>
    public TensorPart Part { get; }

    /// <summary>Name, element type and shape; these never change during a model's life.</summary>
    public TensorInfo Info { get; }

    /// <summary>Copies <paramref name="destination"/>.Length bytes of the tensor, from byte <paramref name="offset"/> on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range reaches beyond the tensor.</exception>
    public abstract void CopyTo(long offset, Span<byte> destination);

    /// <summary>Overwrites <paramref name="source"/>.Length bytes of the tensor, from byte <paramref name="offset"/> on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range reaches beyond the tensor.</exception>
    public abstract void CopyFrom(long offset, ReadOnlySpan<byte> source);

    /// <summary>
    /// The tensor's own memory from byte <paramref name="offset"/> on, for bytes to be read straight into; false, by default, when it
    /// cannot be addressed (it lies on a GPU): then <see cref="CopyFrom"/> brings them there.
    /// </summary>
    /// <param name="offset">In bytes.</param>
    /// <param name="length">In bytes.</param>
    /// <param name="memory">Exactly <paramref name="length"/> bytes, valid as long as the tensor is.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range reaches beyond the tensor.</exception>
    public virtual bool TryGetMemory(long offset, int length, out Memory<byte> memory)
    {
        memory = default;
        return false;
    }
}
