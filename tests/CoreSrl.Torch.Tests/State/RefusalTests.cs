using System.Text.Json.Nodes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;
using static TorchSharp.torch.optim.lr_scheduler;

namespace CoreSrl.Torch.Tests.State;

/// <summary>What cannot be stored exactly is refused when the state is made; a state that does not fit, before anything changes.</summary>
[Collection(OneProcessTorch.Name)]
public sealed class RefusalTests
{
    [Fact]
    public void LBFGS_is_refused_with_what_to_do()
    {
        using var network = nn.Linear(1, 1);
        using var optimizer = optim.LBFGS(network.parameters());

        var problem = Assert.Throws<ArgumentException>(() => TorchState.Of(network, optimizer));
        Assert.Contains("LBFGS keeps its history in native code", problem.Message, StringComparison.Ordinal);
        Assert.Contains("use another optimizer", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_part_of_a_training_loop_is_refused_with_what_is_accepted()
    {
        Assert.Contains(
            "System.Int32 is no part of a training loop that can be stored. Accepted are modules, optimizers",
            Assert.Throws<ArgumentException>(() => TorchState.Of(3)).Message, StringComparison.Ordinal);
        Assert.Contains("null is no part", Assert.Throws<ArgumentException>(() => TorchState.Of([null!])).Message, StringComparison.Ordinal);
        Assert.Contains("There is nothing to store", Assert.Throws<ArgumentException>(() => TorchState.Of()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_given_twice_is_refused()
    {
        using var network = nn.Linear(1, 1);
        using var optimizer = optim.SGD(network.parameters(), 0.1);

        Assert.Contains(
            "The same optimizer (TorchSharp.Modules.SGD) is given twice",
            Assert.Throws<ArgumentException>(() => TorchState.Of(network, optimizer, optimizer)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_scheduler_without_its_optimizer_is_refused()
    {
        using var network = nn.Linear(1, 1);
        using var optimizer = optim.SGD(network.parameters(), 0.1);
        var scheduler = ChainedLR([StepLR(optimizer, 2)]);

        Assert.Equal(
            "scheduler, scheduler 0 drives an optimizer that is no part of the state: give that SGD too.",
            Assert.Throws<ArgumentException>(() => TorchState.Of(network, scheduler)).Message);
    }

    [Fact]
    public void A_scheduler_that_remembers_more_than_numbers_is_refused()
    {
        using var network = nn.Linear(1, 1);
        using var optimizer = optim.SGD(network.parameters(), 0.1);

        var problem = Assert.Throws<ArgumentException>(() => TorchState.Of(network, optimizer, new Moody(optimizer)));
        Assert.Contains("its field _moods is neither a number", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_that_no_checkpoint_can_hold_is_named()
    {
        using var turned = new Bag("turned", new Parameter(randn(2, 3).t()));
        Assert.Contains(
            "Tensor turned is not contiguous", Assert.Throws<ArgumentException>(() => TorchState.Of(turned)).Message, StringComparison.Ordinal);
        using var waves = new Bag("waves", new Parameter(zeros(2, complex64)));
        Assert.Contains(
            "Tensor waves: A checkpoint cannot hold tensors of type ComplexFloat32",
            Assert.Throws<NotSupportedException>(() => TorchState.Of(waves)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_optimizer_that_a_moved_module_left_behind_is_refused()
    {
        using var network = nn.Linear(1, 1);
        using var optimizer = optim.SGD(network.parameters().ToList(), 0.1);
        network.to(float64);

        Assert.Contains(
            "SGD holds parameters that are disposed: moving a module makes new ones, so make its optimizer afterwards.",
            Assert.Throws<ArgumentException>(() => TorchState.Of(network, optimizer)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SGD", "optimizer is Adam; the stored state is that of SGD.")]
    [InlineData("no bias", "optimizer, group 0, parameters: the stored state is another's. It lacks: bias; it has besides: nothing.")]
    [InlineData("two groups", "optimizer has 1 groups of parameters; the stored state has 2.")]
    [InlineData("scheduler", "The training loop: the stored state is another's. It lacks: nothing; it has besides: scheduler.")]
    public void The_state_of_another_loop_is_refused_and_nothing_changes(string other, string message)
    {
        using var network = nn.Linear(2, 1);
        using var optimizer = optim.Adam(network.parameters());
        var state = TorchState.Of(network, optimizer);
        using var another = nn.Linear(2, 1, hasBias: other != "no bias");
        using Optimizer elses = other switch
        {
            "SGD" => optim.SGD(another.parameters(), 0.3),
            "two groups" => new TorchSharp.Modules.Adam(new TorchSharp.Modules.Adam.ParamGroup[] { new([another.weight]), new([another.bias!]) }),
            _ => optim.Adam(another.parameters(), 0.3),
        };
        var stored = (other == "scheduler" ? TorchState.Of(another, elses, StepLR(elses, 2)) : TorchState.Of(another, elses)).CaptureState();

        AssertRefused(state, stored, message);
    }

    [Theory]
    [InlineData("\"step\":0", "\"step\":\"0\"", "optimizer, weight: step is of type Int64; the stored state has \"0\" for it.")]
    [InlineData("\"step\":0", "\"step\":null", "optimizer, weight: step is of type Int64; the stored state has null for it.")]
    [InlineData("\"step\":0", "\"steps\":0", "optimizer, weight: the stored state is another's. It lacks: step; it has besides: steps.")]
    [InlineData("float32[1, 2]", "float33[1, 2]", "optimizer, weight: exp_avg: 'float33[1, 2]' is no form of a tensor, such as float32[4, 16].")]
    [InlineData("float32[1, 2]", "float32[1, -2]", "optimizer, weight: exp_avg: 'float32[1, -2]' is no form of a tensor, such as float32[4, 16].")]
    [InlineData("{\"state\":\"", "{\"state\":\"AA", "torch: the stored text is no state of torch's random number generator.")]
    [InlineData("\"groups\":[", "\"groups\":3,\"more\":[", "optimizer: the stored state is another's. It lacks: nothing; it has besides: more.")]
    public void Damaged_state_is_refused_and_nothing_changes(string text, string instead, string message)
    {
        using var network = nn.Linear(2, 1);
        using var optimizer = optim.Adam(network.parameters(), 0.3);
        var stored = TorchState.Of(network, optimizer).CaptureState().ToJsonString();
        var damaged = stored.Replace(text, instead, StringComparison.Ordinal);
        Assert.NotEqual(stored, damaged);
        optimizer.ParamGroups.Single().LearningRate = 0.1;

        AssertRefused(TorchState.Of(network, optimizer), JsonNode.Parse(damaged)!.AsObject(), message);
    }

    [Fact]
    public void Random_numbers_that_torch_would_not_accept_are_refused_before_torch_sees_them()
    {
        using var network = nn.Linear(2, 1);
        var state = TorchState.Of(network);
        for (var offset = 8; offset < 24; offset += 4)
        {
            var stored = state.CaptureState();
            var bytes = Convert.FromBase64String((string)stored["torch"]!["state"]!);
            bytes.AsSpan(offset, 4).Fill(0x7f);
            stored["torch"]!["state"] = Convert.ToBase64String(bytes);
            AssertRefused(state, stored, "torch: the stored text is no state of torch's random number generator.");
        }
    }

    private static void AssertRefused(TorchState state, JsonObject stored, string message)
    {
        var before = Snapshot.Of(state);
        Assert.Equal(message, Assert.Throws<FormatException>(() => state.RestoreState(stored)).Message);
        before.AssertSame(Snapshot.Of(state));
    }

    private sealed class Moody(Optimizer optimizer) : LRScheduler(optimizer)
    {
        private readonly Dictionary<string, double> _moods = [];

        protected override IEnumerable<double> get_lr() => _moods.Values;
    }

    private sealed class Bag : nn.Module
    {
        public Bag(string name, Parameter parameter)
            : base(nameof(Bag)) => register_parameter(name, parameter);
    }
}
