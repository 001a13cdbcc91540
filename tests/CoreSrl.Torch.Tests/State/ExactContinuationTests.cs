using TorchSharp;
using TorchSharp.Modules;
using Xunit.Abstractions;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;
using static TorchSharp.torch.optim.lr_scheduler;

namespace CoreSrl.Torch.Tests.State;

/// <summary>Training goes on to the same bits: weights, running statistics, optimizer, random numbers, losses.</summary>
[Collection(OneProcessTorch.Name)]
public sealed class ExactContinuationTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, Func<IEnumerable<Parameter>, Optimizer>> Optimizers = new()
    {
        ["Adadelta"] = p => optim.Adadelta(p, weight_decay: 0.01),
        ["Adagrad"] = p => optim.Adagrad(p, lr_decay: 0.01, initial_accumulator_value: 0.1),
        ["Adam"] = p => optim.Adam(p, 0.01),
        ["Adam amsgrad"] = p => optim.Adam(p, 0.01, amsgrad: true),
        ["AdamW"] = p => optim.AdamW(p, 0.01),
        ["AdamW amsgrad"] = p => optim.AdamW(p, 0.01, amsgrad: true, maximize: true),
        ["Adamax"] = p => optim.Adamax(p, 0.01),
        ["ASGD"] = p => optim.ASGD(p, 0.01, t0: 3),
        ["NAdam"] = p => optim.NAdam(p, 0.01),
        ["RAdam"] = p => optim.RAdam(p, 0.01),
        ["RMSProp"] = p => optim.RMSProp(p, 0.01),
        ["RMSProp centered"] = p => optim.RMSProp(p, 0.01, momentum: 0.9, centered: true),
        ["Rprop"] = p => optim.Rprop(p, 0.01),
        ["SGD"] = p => optim.SGD(p, 0.01),
        ["SGD momentum"] = p => optim.SGD(p, 0.01, momentum: 0.9, dampening: 0.1),
        ["SGD nesterov"] = p => optim.SGD(p, 0.01, momentum: 0.9, nesterov: true, weight_decay: 0.01),
        ["two groups"] = p => new TorchSharp.Modules.AdamW(
            new TorchSharp.Modules.AdamW.ParamGroup[] { new([.. p.Take(2)], lr: 0.1), new([.. p.Skip(2)], lr: 0.01) }),
    };

    private static readonly Dictionary<string, Func<Optimizer, LRScheduler>> Schedulers = new()
    {
        ["ChainedLR"] = o => ChainedLR([ExponentialLR(o, 0.9), StepLR(o, 2, 0.5)]),
        ["ConstantLR"] = o => ConstantLR(o, total_iters: 6),
        ["CosineAnnealingLR"] = o => CosineAnnealingLR(o, 4),
        ["CyclicLR"] = o => CyclicLR(o, 0.001, 0.01, 3, mode: lr_scheduler.impl.CyclicLR.Mode.ExpRange, gamma: 0.9),
        ["ExponentialLR"] = o => ExponentialLR(o, 0.9),
        ["LambdaLR"] = o => LambdaLR(o, step => 1.0 / (1 + step)),
        ["LinearLR"] = o => LinearLR(o, total_iters: 6),
        ["MultiplicativeLR"] = o => MultiplicativeLR(o, step => 1 - (0.1 / step)),
        ["MultiStepLR"] = o => MultiStepLR(o, [2, 6], 0.5),
        ["OneCycleLR"] = o => OneCycleLR(o, 0.1, total_steps: 20),
        ["PolynomialLR"] = o => PolynomialLR(o, 8, 2),
        ["ReduceLROnPlateau"] = o => ReduceLROnPlateau(o, patience: 0, cooldown: 1),
        ["SequentialLR"] = o => SequentialLR(o, [ConstantLR(o, 0.1, 3), ExponentialLR(o, 0.9), StepLR(o, 2)], [3, 6]),
        ["StepLR"] = o => StepLR(o, 3),
    };

    public static TheoryData<string> OptimizerNames => [.. Optimizers.Keys];

    public static TheoryData<string> SchedulerNames => [.. Schedulers.Keys];

    [Theory]
    [MemberData(nameof(OptimizerNames))]
    public void With_every_optimizer(string name) => AssertExact(seed => new(seed, Optimizers[name]));

    [Theory]
    [MemberData(nameof(SchedulerNames))]
    public void With_every_scheduler(string name) =>
        AssertExact(seed => new(seed, p => optim.SGD(p, 0.01, momentum: 0.9), Schedulers[name]));

    [Theory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.Float64)]
    public void In_every_precision_that_a_processor_trains_in(ScalarType type) =>
        AssertExact(seed => new(seed, p => optim.AdamW(p, 0.01, eps: 1e-4), type: type));

    [Fact]
    public void From_before_the_first_step_though_the_other_loop_has_gone_further()
    {
        var seed = TestSeed.New(output);
        foreach (var optimizer in Optimizers.Values)
        {
            using var straight = new Loop(seed, optimizer);
            var before = Snapshot.Of(straight.State);
            var losses = straight.Train(4);
            var after = Snapshot.Of(straight.State);
            straight.Train(2);

            before.PutInto(straight.State);

            before.AssertSame(Snapshot.Of(straight.State));
            Assert.Equal(losses, straight.Train(4));
            after.AssertSame(Snapshot.Of(straight.State));
        }
    }

    [Fact]
    public void No_optimizer_and_no_scheduler_of_TorchSharp_is_left_out()
    {
        var types = typeof(torch).Assembly.GetExportedTypes().Where(type => !type.IsAbstract).ToList();

        Assert.Equal(
            types.Where(type => type.IsAssignableTo(typeof(OptimizerHelper))).Select(type => type.Name).Order(StringComparer.Ordinal),
            Optimizers.Keys.Where(name => name != "two groups").Select(name => name.Split(' ')[0]).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(
            types.Where(type => type.IsAssignableTo(typeof(LRScheduler))).Select(type => type.Name).Order(StringComparer.Ordinal),
            Schedulers.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["LBFGS"], types
            .Where(type => type.IsAssignableTo(typeof(Optimizer)) && !type.IsAssignableTo(typeof(OptimizerHelper))).Select(type => type.Name));
    }

    private void AssertExact(Func<long, Loop> make)
    {
        const int First = 5, Then = 4;
        var seed = TestSeed.New(output);
        using var straight = make(seed);
        var whole = straight.Train(First + Then);

        using var stopped = make(seed);
        var begin = stopped.Train(First);
        var stored = Snapshot.Of(stopped.State);
        using var resumed = make(seed + 1);
        stored.PutInto(resumed.State);
        stored.AssertSame(Snapshot.Of(resumed.State));
        var end = resumed.Train(Then);

        Assert.Equal(whole, begin.Concat(end));
        Assert.InRange(whole.Distinct().Count(), First, First + Then); // each step drew other numbers; in bfloat16 two may be equal
        Snapshot.Of(straight.State).AssertSame(Snapshot.Of(resumed.State));
    }
}
