using static TorchSharp.torch;

namespace CoreSrl.Torch;

/// <summary>
/// Trainable tensors that lie one behind the other in one buffer, and their gradients in another: an optimizer step or a norm is then
/// a few operations over the buffer, however many tensors there are. The tensors never move.
/// </summary>
/// <remarks>Each tensor begins at a multiple of 64 bytes, because a matrix product's sums may depend on alignment. The gap behind one is
/// zero and stays zero, in values, gradients and optimizer state alike.</remarks>
public sealed class FlatParameters : IDisposable
{
    private const long Alignment = 16; // float32 elements

    private readonly Dictionary<string, Tensor> _byName = [];
    private readonly List<(string Name, long Start, long[] Shape)> _slices = [];

    /// <summary>Makes room for the tensors, all zero.</summary>
    /// <param name="tensors">Their names and shapes, in the order they shall lie.</param>
    /// <param name="device">Where they shall lie.</param>
    public FlatParameters(IEnumerable<(string Name, long[] Shape)> tensors, Device device)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var length = 0L;
        foreach (var (name, shape) in tensors)
        {
            _slices.Add((name, length, shape));
            length += (shape.Aggregate(1L, (product, dimension) => product * dimension) + Alignment - 1) / Alignment * Alignment;
        }

        using (NewDisposeScope())
        {
            // Both or none: there may be room for the first alone.
            var (values, gradients) = (zeros(length, float32, device), zeros(length, float32, device));
            (Values, Gradients) = (values.DetachFromDisposeScope(), gradients.DetachFromDisposeScope());
        }

        foreach (var (name, values) in Slices(Values))
            _byName.Add(name, values.requires_grad_());
        // Backward adds to a gradient that is there already, in place, so these stay the buffer's.
        foreach (var (name, gradient) in Slices(Gradients))
        {
            using (gradient)
                _byName[name].grad = gradient;
        }
    }

    /// <summary>All values, float32[n].</summary>
    public Tensor Values { get; }

    /// <summary>All gradients, float32[n].</summary>
    public Tensor Gradients { get; }

    /// <summary>The tensors' names, in order.</summary>
    public IEnumerable<string> Names => _slices.Select(slice => slice.Name);

    /// <summary>The tensor of a name: a leaf that requires a gradient.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public Tensor this[string name] => _byName[name];

    /// <summary>The tensors' shapes laid over a buffer as long as <see cref="Values"/>, by name. The caller owns the views.</summary>
    public IEnumerable<(string Name, Tensor View)> Slices(Tensor buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        foreach (var (name, start, shape) in _slices)
        {
            using var slice = buffer.narrow(0, start, shape.Aggregate(1L, (product, dimension) => product * dimension));
            using var shaped = slice.view(shape);
            yield return (name, shaped.detach().DetachFromDisposeScope());
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in _byName.Values)
            tensor.Dispose();
        Values.Dispose();
        Gradients.Dispose();
    }
}
