using System.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;
using static TorchSharp.torch.optim.lr_scheduler;

namespace CoreSrl.Torch.Tests.State;

/// <summary>A plain training loop: a network with batch norm and dropout learns to sum noise from torch's own generator.</summary>
internal sealed class Loop : IDisposable
{
    private readonly Sequential _network;
    private readonly Optimizer _optimizer;
    private readonly LRScheduler? _scheduler;

    public Loop(
        long seed, Func<IEnumerable<Parameter>, Optimizer> optimizer, Func<Optimizer, LRScheduler>? scheduler = null,
        ScalarType type = ScalarType.Float32)
    {
        manual_seed(seed);
        _network = nn.Sequential(
            ("in", nn.Linear(6, 8)), ("norm", nn.BatchNorm1d(8)), ("drop", nn.Dropout(0.3)), ("act", nn.Tanh()), ("out", nn.Linear(8, 1)));
        _network.to(type);
        _optimizer = optimizer(_network.parameters());
        _scheduler = scheduler?.Invoke(_optimizer);
        State = _scheduler is null ? TorchState.Of(_network, _optimizer) : TorchState.Of(_network, _optimizer, _scheduler);
    }

    public TorchState State { get; }

    public Sequential Network => _network;

    public Optimizer Optimizer => _optimizer;

    /// <summary>The loss of each step.</summary>
    public List<float> Train(int steps) => Undisturbed(() => Enumerable.Range(0, steps).Select(_ => Step()).ToList());

    /// <summary>
    /// Runs without garbage collections: TorchSharp's own optimizers, unlike <see cref="Number"/>, let one free the numbers that an
    /// operation is about to read.
    /// </summary>
    public static T Undisturbed<T>(Func<T> run)
    {
        Assert.True(GC.TryStartNoGCRegion(100 << 20));
        try
        {
            return run();
        }
        finally
        {
            Assert.Equal(GCLatencyMode.NoGCRegion, GCSettings.LatencyMode);
            GC.EndNoGCRegion();
        }
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _network.Dispose();
    }

    private float Step()
    {
        using var scope = NewDisposeScope();
        var input = randn(16, 6).to(_network.parameters().First().dtype);
        _optimizer.zero_grad();
        var loss = nn.functional.mse_loss(_network.forward(input).squeeze(-1), input.sum(1));
        loss.backward();
        _optimizer.step();
        var value = loss.to(float32).item<float>();
        if (_scheduler is lr_scheduler.impl.ReduceLROnPlateau)
            _scheduler.step(value);
        else
            _scheduler?.step();
        return value;
    }
}
