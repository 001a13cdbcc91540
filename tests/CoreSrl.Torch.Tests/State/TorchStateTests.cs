using CoreSrl.Abstractions;
using TorchSharp;
using TorchSharp.Modules;
using Xunit.Abstractions;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace CoreSrl.Torch.Tests.State;

/// <summary>What belongs to the state, under which names, in which part.</summary>
[Collection(OneProcessTorch.Name)]
public sealed class TorchStateTests(ITestOutputHelper output)
{
    [Fact]
    public void A_single_module_and_optimizer_keep_the_modules_own_names()
    {
        using var loop = new Loop(1, p => optim.SGD(p, 0.1, momentum: 0.9));
        var state = loop.State;
        Assert.DoesNotContain(state.Tensors, tensor => tensor.Part == TensorPart.OptimizerState); // before the first step there is none

        loop.Train(1);

        Assert.Equal(
            ["in.weight", "in.bias", "norm.weight", "norm.bias", "out.weight", "out.bias",
                "norm.running_mean", "norm.running_var", "norm.num_batches_tracked"],
            Snapshot.Of(state).Names(TensorPart.Weights));
        Assert.Equal(
            ["in.weight", "in.bias", "norm.weight", "norm.bias", "out.weight", "out.bias"],
            Snapshot.Of(state).Names(TensorPart.OptimizerState).Select(name => name.Replace(".momentum_buffer", "", StringComparison.Ordinal)));
        Assert.Equal("torch", state.Description.Kind);
        Assert.Equal("float32[8, 6]", (string?)state.Description.Architecture["parameter in.weight"]);
        Assert.Equal("int64[]", (string?)state.Description.Architecture["buffer norm.num_batches_tracked"]);
        Assert.Equal("SGD", (string?)state.Description.Architecture["optimizer"]);
    }

    [Fact]
    public void Several_modules_and_optimizers_go_on_exactly_each_under_its_number()
    {
        var seed = TestSeed.New(output);
        using var straight = new Duel(seed);
        straight.Train(6);
        using var stopped = new Duel(seed);
        stopped.Train(3);
        var stored = Snapshot.Of(stopped.State);
        using var resumed = new Duel(seed + 1);

        stored.PutInto(resumed.State);
        resumed.Train(3);

        Snapshot.Of(straight.State).AssertSame(Snapshot.Of(resumed.State));
        Assert.Contains("0.weight", stored.Names(TensorPart.Weights));
        Assert.Contains("1.0.weight", stored.Names(TensorPart.Weights));
        Assert.Contains("0.weight.exp_avg", stored.Names(TensorPart.OptimizerState));
        Assert.Contains("1.0.weight.square_avg", stored.Names(TensorPart.OptimizerState));
    }

    [Fact]
    public void Parts_can_be_named()
    {
        using var actor = nn.Linear(2, 1);
        using var critic = nn.Linear(3, 1);
        using var slow = optim.Adam(actor.parameters());
        using var fast = optim.Adam(critic.parameters());

        var state = TorchState.Of(actor, slow).With("critic", critic, fast);

        Assert.Equal(["weight", "bias", "critic.weight", "critic.bias"], Snapshot.Of(state).Names(TensorPart.Weights));
        Assert.Equal(
            ["weight.exp_avg", "weight.exp_avg_sq", "bias.exp_avg", "bias.exp_avg_sq",
                "critic.weight.exp_avg", "critic.weight.exp_avg_sq", "critic.bias.exp_avg", "critic.bias.exp_avg_sq"],
            Snapshot.Of(state).Names(TensorPart.OptimizerState));
        Assert.Equal(["optimizer", "optimizer critic", "torch"], state.CaptureState().Select(entry => entry.Key));
        Assert.Throws<ArgumentException>(() => state.With("critic", slow));
    }

    [Fact]
    public void A_parameter_that_only_an_optimizer_holds_is_stored_too()
    {
        using var network = nn.Linear(2, 1);
        using var temperature = new Parameter(tensor(0.5f));
        using var optimizer = optim.Adam(network.parameters().Append(temperature));

        var stored = Snapshot.Of(TorchState.Of(network, optimizer));

        Assert.Equal(["weight", "bias", "parameters.2"], stored.Names(TensorPart.Weights));
        Assert.Contains("parameters.2.exp_avg", stored.Names(TensorPart.OptimizerState));
    }

    [Fact]
    public void Tied_weights_are_stored_once_and_stay_tied_and_all_that_an_optimizer_remembers_of_them_is_stored()
    {
        using var network = new Tied();
        using var optimizer = optim.Adagrad(network.parameters());
        var state = TorchState.Of(network, optimizer);
        var stored = Snapshot.Of(state);
        Assert.Equal(["words.weight", "head.bias"], stored.Names(TensorPart.Weights));
        Assert.Equal(["words.weight.sum", "words.weight (2).sum", "head.bias.sum"], stored.Names(TensorPart.OptimizerState)); // as TorchSharp has it
        using (no_grad())
            network.Words.weight!.zero_();

        stored.PutInto(state);

        Assert.NotEqual(0, network.Head.weight.abs().sum().item<float>());
        Assert.Equal(network.Words.weight.data<float>().ToArray(), network.Head.weight.data<float>().ToArray());
    }

    [Theory]
    [InlineData(ScalarType.Float16, TensorType.Float16)]
    [InlineData(ScalarType.BFloat16, TensorType.BFloat16)]
    public void A_tensor_keeps_its_precision_and_its_optimizers(ScalarType type, TensorType stored)
    {
        using var network = nn.Linear(4, 2).to(type);
        using var optimizer = optim.Adam(network.parameters());

        Assert.All(TorchState.Of(network, optimizer).Tensors, tensor => Assert.Equal(stored, tensor.Info.Type));
    }

    [Fact]
    public void A_generator_goes_on_where_it_was()
    {
        using var network = nn.Linear(1, 1);
        using var generator = new Generator(5);
        var state = TorchState.Of(network, generator);
        randn(3, generator: generator).Dispose(); // an odd count: half of a pair of normal numbers is left over
        randn(3).Dispose();
        var stored = Snapshot.Of(state);
        var expected = (Draw(generator), Draw(null));

        stored.PutInto(state);

        Assert.Equal(expected, (Draw(generator), Draw(null)));

        static string Draw(Generator? generator)
        {
            using var drawn = randn(20, generator: generator);
            return Convert.ToHexString(drawn.bytes);
        }
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(-0.0)]
    [InlineData(double.Epsilon)]
    [InlineData(0.1 + 0.2)]
    [InlineData(1)]
    public void A_number_comes_back_to_the_same_bits(double rate)
    {
        using var network = nn.Linear(1, 1);
        using var optimizer = optim.Adam(network.parameters());
        var state = TorchState.Of(network, optimizer);
        optimizer.ParamGroups.Single().LearningRate = rate;
        var stored = Snapshot.Of(state);
        optimizer.ParamGroups.Single().LearningRate = 0.5;

        stored.PutInto(state);

        Assert.Equal(BitConverter.DoubleToInt64Bits(rate), BitConverter.DoubleToInt64Bits(optimizer.ParamGroups.Single().LearningRate));
    }

    [Fact]
    public void A_thousand_captures_leave_no_tensor_behind()
    {
        using var loop = new Loop(1, p => optim.SGD(p, 0.1, momentum: 0.9));
        var early = Snapshot.Of(loop.State);
        loop.Train(1);
        var late = Snapshot.Of(loop.State);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Tensor.TotalCount;

        // No collection may tidy up, so that every tensor made and not disposed counts.
        var after = Loop.Undisturbed(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                _ = loop.State.Tensors.Count + loop.State.CaptureState().Count;
                if (i % 50 == 0)
                    early.PutInto(loop.State); // momentum goes
                if (i % 50 == 25)
                    late.PutInto(loop.State); // and comes
            }

            return Tensor.TotalCount;
        });

        Assert.Equal(before, after);
    }

    [Fact]
    public void What_a_restore_makes_outlives_the_dispose_scope_around_it()
    {
        using var trained = new Loop(1, p => optim.SGD(p, 0.1, momentum: 0.9));
        trained.Train(1);
        var stored = Snapshot.Of(trained.State);
        using var fresh = new Loop(2, p => optim.SGD(p, 0.1, momentum: 0.9));

        using (NewDisposeScope())
            stored.PutInto(fresh.State);

        stored.AssertSame(Snapshot.Of(fresh.State));
    }

    /// <summary>An embedding whose matrix is the output layer's too.</summary>
    private sealed class Tied : nn.Module
    {
        public Tied()
            : base(nameof(Tied))
        {
            Words = nn.Embedding(5, 3);
            Head = nn.Linear(3, 5);
            Head.weight = Words.weight!;
            register_module("words", Words);
            register_module("head", Head);
        }

        public Embedding Words { get; }

        public Linear Head { get; }
    }

    /// <summary>Two networks with an optimizer each; the second has a layer called "0".</summary>
    private sealed class Duel : IDisposable
    {
        private readonly Linear _one;
        private readonly Sequential _other;
        private readonly Optimizer _slow;
        private readonly Optimizer _fast;

        public Duel(long seed)
        {
            manual_seed(seed);
            (_one, _other) = (nn.Linear(4, 4), nn.Sequential(nn.Linear(4, 1)));
            (_slow, _fast) = (optim.Adam(_one.parameters()), optim.RMSProp(_other.parameters()));
            State = TorchState.Of(_one, _slow, _other, _fast);
        }

        public TorchState State { get; }

        public void Train(int steps) => Loop.Undisturbed(() =>
        {
            for (var i = 0; i < steps; i++)
            {
                using var scope = NewDisposeScope();
                _slow.zero_grad();
                _fast.zero_grad();
                _other.forward(_one.forward(randn(8, 4))).sum().backward();
                _slow.step();
                _fast.step();
            }

            return steps;
        });

        public void Dispose()
        {
            _slow.Dispose();
            _fast.Dispose();
            _one.Dispose();
            _other.Dispose();
        }
    }
}
