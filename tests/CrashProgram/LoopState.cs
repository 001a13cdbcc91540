using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.CrashProgram;

/// <summary>
/// The state of a training loop whose every bit is a function of the steps done: weights, adapters and optimizer state that each step
/// changes from what they were, and frozen weights that are others every <see cref="EraLength"/> steps, two kinds by turns. So base
/// weights are stored, lose their last checkpoint, are removed, and are stored again.
/// </summary>
public sealed class LoopState : IStateful
{
    /// <summary>For how many steps the frozen weights stay.</summary>
    public const int EraLength = 3;

    private readonly LoopTensor[] _mutable =
    [
        new(TensorPart.Weights, "embedding", 1_200_000),
        new(TensorPart.Weights, "bias", 8),
        new(TensorPart.Adapter, "lora_A", 40_000),
        new(TensorPart.Adapter, "lora_B", 24_000),
        new(TensorPart.OptimizerState, "first moment", 64_000),
        new(TensorPart.OptimizerState, "second moment", 64_000),
    ];

    private readonly LoopTensor _frozen = new(TensorPart.Frozen, "base", 5_000_000);
    private long _step;

    private LoopState()
    {
    }

    /// <inheritdoc/>
    public ModelDescription Description { get; } = new() { Kind = "loop", Architecture = new() { ["Width"] = 7 } };

    /// <inheritdoc/>
    public IReadOnlyList<StateTensor> Tensors => [.. _mutable, _frozen];

    /// <summary>A state that holds nothing right, to be restored.</summary>
    public static LoopState Unknown() => new() { _step = -1 };

    /// <summary>The state after a number of steps.</summary>
    public static LoopState At(long step)
    {
        var state = new LoopState();
        state._frozen.Scramble(KindOfEra(0));
        while (state._step < step)
            state = state.Next();
        return state;
    }

    /// <summary>The state one step later: the same object, or another where other frozen weights begin.</summary>
    public LoopState Next()
    {
        var next = this;
        if (_step / EraLength != (_step + 1) / EraLength)
        {
            next = new() { _step = _step };
            next._frozen.Scramble(KindOfEra((_step + 1) / EraLength));
            foreach (var (from, to) in _mutable.Zip(next._mutable))
                to.CopyFrom(0, from.Bytes);
        }

        next._step++;
        foreach (var tensor in next._mutable)
            tensor.Scramble(next._step);
        return next;
    }

    /// <summary>The first thing in which another state differs; null when they are the same.</summary>
    public string? DifferenceFrom(LoopState other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (_step != other._step)
            return $"step {other._step}";
        return _mutable.Append(_frozen).Zip(other._mutable.Append(other._frozen))
            .FirstOrDefault(pair => !pair.First.Bytes.SequenceEqual(pair.Second.Bytes)).First?.Info.Name;
    }

    /// <inheritdoc/>
    public JsonObject CaptureState() => new() { ["step"] = _step };

    /// <inheritdoc/>
    public void RestoreState(JsonObject state)
    {
        ArgumentNullException.ThrowIfNull(state);
        _step = (long)state["step"]!;
    }

    private static long KindOfEra(long era) => era % 2;
}
