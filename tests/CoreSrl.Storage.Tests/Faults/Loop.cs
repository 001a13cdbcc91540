using CoreSrl.Abstractions;
using CoreSrl.Tests.Fakes;

namespace CoreSrl.Storage.Tests.Faults;

/// <summary>A training loop's state, of which each step has its own bits.</summary>
internal sealed class Loop
{
    private readonly ManagedTensor _weights;

    public Loop(int floats = 64)
    {
        _weights = ManagedTensor.Of(TensorPart.Adapter, "weights", new float[floats]);
        State = new(_weights, ManagedTensor.Of(TensorPart.Frozen, "base", 1, 2, 3));
    }

    public TensorState State { get; }

    /// <summary>Trains up to a step.</summary>
    public void Reach(long step)
    {
        for (var i = 0; i < _weights.Floats.Length; i++)
            _weights.Floats[i] = (step * 1_000) + (i % 997);
    }

    /// <summary>Whether the state is that of a step.</summary>
    public bool IsAt(long step)
    {
        var expected = new Loop(_weights.Floats.Length);
        expected.Reach(step);
        return _weights.Bytes.AsSpan().SequenceEqual(expected._weights.Bytes);
    }
}
