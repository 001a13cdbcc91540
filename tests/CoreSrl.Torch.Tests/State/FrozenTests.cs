using CoreSrl.Abstractions;
using static TorchSharp.torch;

namespace CoreSrl.Torch.Tests.State;

/// <summary>What training leaves alone is stored once, and what it does not is never taken for frozen unnoticed.</summary>
[Collection(OneProcessTorch.Name)]
public sealed class FrozenTests
{
    [Fact]
    public void A_parameter_without_a_gradient_is_frozen_among_others_that_are_trained()
    {
        using var network = nn.Sequential(("base", nn.Linear(4, 4)), ("head", nn.Linear(4, 1)));
        network.get_parameter("base.weight")!.requires_grad_(false);
        using var optimizer = optim.Adam(network.parameters().Where(parameter => parameter.requires_grad));

        var state = TorchState.Of(network, optimizer);

        Assert.Equal(["base.weight"], Snapshot.Of(state).Names(TensorPart.Frozen));
        Assert.Equal("float32[4, 4] frozen", (string?)state.Description.Architecture["parameter base.weight"]);
        Assert.DoesNotContain("base.weight.exp_avg", Snapshot.Of(state).Names(TensorPart.OptimizerState));
    }

    [Fact]
    public void What_an_optimizer_updates_is_not_frozen_though_it_requires_no_gradient_at_the_moment()
    {
        using var network = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 1));
        using var optimizer = optim.SGD(network.parameters(), 0.1);
        foreach (var parameter in network.parameters())
            parameter.requires_grad_(false); // as a loop for adversarial networks does in the other one's turn

        Assert.Empty(Snapshot.Of(TorchState.Of(network, optimizer)).Names(TensorPart.Frozen));
    }

    [Fact]
    public void A_module_that_only_follows_another_is_copied_at_each_save()
    {
        using var online = nn.Linear(4, 1);
        using var target = nn.Linear(4, 1);
        foreach (var parameter in target.parameters())
            parameter.requires_grad_(false);
        using var optimizer = optim.SGD(online.parameters(), 0.1);

        Assert.Equal(
            ["weight", "bias", "target.weight", "target.bias"],
            Snapshot.Of(TorchState.Of(online, optimizer).With("target", target)).Names(TensorPart.Weights));
    }

    [Fact]
    public void A_frozen_parameter_that_changes_is_noticed_at_the_next_capture()
    {
        using var network = nn.Sequential(("online", nn.Linear(4, 1)), ("target", nn.Linear(4, 1)));
        foreach (var parameter in new[] { "target.weight", "target.bias" })
            network.get_parameter(parameter)!.requires_grad_(false);
        var state = TorchState.Of(network);
        var stored = Snapshot.Of(state);
        _ = state.CaptureState();

        using (no_grad())
            network.get_parameter("target.weight")!.add_(1);

        var problem = Assert.Throws<InvalidOperationException>(state.CaptureState);
        Assert.StartsWith(
            "Parameter target.weight requires no gradient and is in no optimizer, so it was stored once", problem.Message, StringComparison.Ordinal);
        stored.PutInto(state); // a restore is no such change
        stored.AssertSame(Snapshot.Of(state));
    }

    [Fact]
    public void A_frozen_parameter_that_is_trained_again_is_noticed()
    {
        using var network = nn.Sequential(("base", nn.Linear(4, 4)), ("head", nn.Linear(4, 1)));
        network.get_parameter("base.weight")!.requires_grad_(false);
        var state = TorchState.Of(network);

        network.get_parameter("base.weight")!.requires_grad_(true);

        var problem = Assert.Throws<InvalidOperationException>(() => state.Tensors);
        Assert.Equal(
            "Parameter base.weight was frozen when this state was made and requires a gradient now: make a new TorchState.", problem.Message);
        Assert.Empty(Snapshot.Of(TorchState.Of(network)).Names(TensorPart.Frozen));
    }
}
