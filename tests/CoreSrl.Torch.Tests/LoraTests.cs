using static TorchSharp.torch;

namespace CoreSrl.Torch.Tests;

[Collection(OneProcessTorch.Name)]
public sealed class LoraTests
{
    [Fact]
    public void An_adapter_adds_its_scaled_low_rank_product()
    {
        using var scope = NewDisposeScope();
        var weight = tensor(new[] { 1f, 0, 0, 1 }, [2, 2]);
        var a = tensor(new[] { 1f, 1 }, [1, 2]);
        var b = tensor(new[] { 2f, 3 }, [2, 1]);

        var y = new LoraLinear(weight, a, b, scale: 0.5, dropout: 0).Forward(tensor(new[] { 10f, 20 }, [1, 2]), null);

        // x + 0.5 · 30 · (2, 3)
        Assert.Equal([40f, 65f], y.data<float>().ToArray());
    }

    [Fact]
    public void Merged_and_unmerged_adapters_agree_in_values_and_gradients()
    {
        using var scope = NewDisposeScope();
        var x = SeededFill.Normal([5, 8], 1, 1, CPU);
        var weight = SeededFill.Normal([6, 8], 1, 2, CPU);
        (Tensor Y, Tensor GradientA, Tensor GradientB) Run(double dropout)
        {
            var a = SeededFill.Normal([4, 8], 1, 3, CPU).requires_grad_();
            var b = SeededFill.Normal([6, 4], 1, 4, CPU).requires_grad_();
            var y = new LoraLinear(weight, a, b, 2, dropout).Forward(x, null);
            y.square().sum().backward();
            return (y.detach(), a.grad!, b.grad!);
        }

        // A dropout above 0 without a generator drops nothing but keeps the matrices apart.
        var (merged, unmerged) = (Run(0), Run(0.5));
        DecoderTests.AssertClose(unmerged.Y, merged.Y, 1e-4);
        DecoderTests.AssertClose(unmerged.GradientA.div(100), merged.GradientA.div(100), 1e-4);
        DecoderTests.AssertClose(unmerged.GradientB.div(100), merged.GradientB.div(100), 1e-4);
    }

    [Fact]
    public void Dropout_drops_the_share_asked_for_keeps_the_mean_and_follows_its_generator()
    {
        using var scope = NewDisposeScope();
        var lora = new LoraLinear(zeros(1, 1), ones(1, 1), ones(1, 1), scale: 1, dropout: 0.25);
        float[] Run(ulong seed)
        {
            using var generator = new Generator(seed, CPU);
            return lora.Forward(ones(10_000, 1), generator).data<float>().ToArray();
        }

        var seen = Run(1);
        Assert.InRange(seen.Count(value => value == 0), 2_300, 2_700);
        Assert.All(seen, value => Assert.True(value == 0 || Math.Abs(value - (1 / 0.75)) < 1e-6));
        Assert.Equal(seen, Run(1));
        Assert.NotEqual(seen, Run(2));
    }

    [Fact]
    public void A_fresh_adapter_leaves_the_base_model_as_it_is()
    {
        using var scope = NewDisposeScope();
        var config = new DecoderConfig
        {
            VocabularySize = 20,
            HiddenSize = 16,
            Layers = 2,
            Heads = 2,
            KeyValueHeads = 1,
            HeadDim = 8,
            IntermediateSize = 16,
        };
        using var weights = DecoderWeights.Random(config, 1, CPU);
        using var adapter = new LoraAdapter(
            new LoraConfig { Rank = 2, Alpha = 4, TargetModules = DecoderConfig.ProjectionNames }, weights, 2);
        using var plain = new Decoder(weights);
        using var adapted = new Decoder(weights, adapter);
        var (tokens, positions) = (arange(5, int64).unsqueeze(0), arange(5, int64).unsqueeze(0));

        Assert.Equal(
            plain.Logits(plain.Forward(tokens, positions)).data<float>().ToArray(),
            adapted.Logits(adapted.Forward(tokens, positions)).detach().data<float>().ToArray());

        using var a = adapter.Parameters["base_model.model.model.layers.1.mlp.down_proj.lora_A.weight"].detach();
        Assert.Equal([2L, 16L], a.shape);
        Assert.InRange(a.abs().max().item<float>(), 0.15, 0.25); // uniform in ±1/√16
    }
}
