using static TorchSharp.torch;

namespace CoreSrl.Torch;

/// <summary>
/// Learns with the memory of one layer: of a forward pass it keeps what goes into each layer, and going back it computes each layer
/// once more. The gradients are the same to the bit.
/// </summary>
/// <remarks>Gradient checkpointing: Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost", arXiv:1604.06174, section 4, with one
/// segment a layer. The layers' tape is played back by hand: a function of autograd's own would call back into managed code from
/// threads of torch's, which know no dispose scope.
/// <para>Give it to <see cref="Decoder.Forward"/>; the loss's <c>backward()</c> then ends at the decoder's output, and
/// <see cref="Backward"/> goes on from there. All within one dispose scope.</para></remarks>
public sealed class LayerTape
{
    private readonly List<(Func<Tensor, Tensor> Layer, Tensor Input, Tensor? Random)> _layers = [];
    private Tensor? _output;
    private Generator? _dropout;

    /// <summary>Goes back through the layers, the last first, and adds to the gradients of what learns in them.</summary>
    /// <exception cref="InvalidOperationException">No decoder has run, or no loss has gone back to its output.</exception>
    public void Backward()
    {
        if (_output?.grad is not { } gradient)
            throw new InvalidOperationException("No loss has gone back to the decoder's output: pass the tape to Decoder.Forward, and call backward() on the loss before.");
        using var scope = NewDisposeScope();
        var behind = _dropout?.get_state();
        for (var i = _layers.Count - 1; i >= 0; i--)
        {
            var (layer, input, random) = _layers[i];
            if (random is not null)
                _dropout!.set_state(random);
            using var inner = NewDisposeScope();
            // What the first layer reads mostly comes from frozen weights.
            var again = i == 0 && !input.requires_grad ? input : input.detach().requires_grad_();
            var output = layer(again);
            // The first layer may have nothing to learn, nor anything before it.
            if (!output.requires_grad)
                break;
            output.backward([gradient]);
            if (again.grad is { } before)
            {
                gradient.Dispose();
                gradient = before.MoveToOuterDisposeScope();
            }

            if (i == 0 && input.requires_grad)
                input.backward([gradient]);
        }

        // As if nothing had been computed twice.
        if (behind is not null)
            _dropout!.set_state(behind);
    }

    internal Tensor Run(Func<Tensor, Tensor> layer, Tensor input, Generator? dropout)
    {
        _dropout = dropout;
        _layers.Add((layer, input, dropout?.get_state()));
        using var scope = NewDisposeScope();
        using var untracked = no_grad();
        return layer(input).MoveToOuterDisposeScope();
    }

    internal Tensor End(Tensor output) => _output = output.detach().requires_grad_();
}
