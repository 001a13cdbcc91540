using static TorchSharp.torch;

namespace CoreSrl.Torch.Tests;

[Collection(OneProcessTorch.Name)]
public sealed class LearningTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    public void AdamW_follows_its_paper(double decay)
    {
        using var parameters = new FlatParameters([("a", [2]), ("b", [3])], CPU);
        using var optimizer = new AdamW(parameters, decay);
        double[] theta = [1, -2, 3, 0.5, -0.25], m = new double[5], v = new double[5];
        Set(parameters, "a", 1f, -2f);
        Set(parameters, "b", 3f, 0.5f, -0.25f);

        for (var t = 1; t <= 5; t++)
        {
            double[] g = [0.1 * t, -0.2, 0.3 / t, 4, 0];
            using (no_grad())
            {
                parameters["a"].grad!.copy_(tensor(new[] { (float)g[0], (float)g[1] }));
                parameters["b"].grad!.copy_(tensor(new[] { (float)g[2], (float)g[3], (float)g[4] }));
            }

            optimizer.Step(0.01);
            for (var i = 0; i < 5; i++)
            {
                m[i] = (0.9 * m[i]) + (0.1 * g[i]);
                v[i] = (0.999 * v[i]) + (0.001 * g[i] * g[i]);
                var (mean, square) = (m[i] / (1 - Math.Pow(0.9, t)), v[i] / (1 - Math.Pow(0.999, t)));
                theta[i] -= 0.01 * ((mean / (Math.Sqrt(square) + 1e-8)) + (decay * theta[i]));
            }
        }

        float[] actual = [.. Values(parameters, "a"), .. Values(parameters, "b")];
        Assert.Equal(theta, actual.Select(value => (double)value), DecoderTests.Near);
        Assert.Equal(5, optimizer.Steps);
    }

    [Fact]
    public void Gradients_are_scaled_down_to_the_norm_and_never_up()
    {
        using var parameters = new FlatParameters([("a", [2])], CPU);
        using var optimizer = new AdamW(parameters, 0);
        parameters["a"].grad!.copy_(tensor(new[] { 3f, 4f }));

        Assert.Equal(5, optimizer.ClipGradients(10), 6);
        Assert.Equal([3f, 4f], parameters["a"].grad!.data<float>().ToArray());
        Assert.Equal(5, optimizer.ClipGradients(1), 6);
        Assert.Equal([0.6, 0.8], parameters["a"].grad!.data<float>().ToArray().Select(value => (double)value), DecoderTests.Near);
    }

    [Fact]
    public void Backward_adds_to_the_gradients_in_their_own_memory()
    {
        using var scope = NewDisposeScope();
        using var parameters = new FlatParameters([("a", [2]), ("b", [1])], CPU);
        for (var i = 0; i < 2; i++)
            (parameters["a"].sum() + (3 * parameters["b"].sum())).backward();

        var gradients = parameters.Slices(parameters.Gradients).SelectMany(slice => slice.View.data<float>().ToArray());
        Assert.Equal([2f, 2f, 6f], gradients);
    }

    [Fact]
    public void The_policy_loss_is_the_clipped_surrogate_less_the_entropy_bonus()
    {
        using var scope = NewDisposeScope();
        double[] ratio = [1.0, 1.5, 1.5, 0.5, 0.5], advantage = [2, 1, -1, 1, -1], entropy = [0.1, 0.2, 0.3, 0.4, 0.5];
        static Tensor Floats(IEnumerable<double> values) => tensor(values.Select(value => (float)value).ToArray());
        var logProbability = Floats(ratio.Select(value => Math.Log(value))).requires_grad_();

        var terms = PolicyLoss.Compute(
            new() { LogProbability = logProbability, OldLogProbability = zeros(5), Advantage = Floats(advantage), Entropy = Floats(entropy), Weight = ones(5).div(5) },
            new());
        terms.Loss.backward();

        // min(ρA, clip(ρ)A) by hand: 2, 1.2, -1.5, 0.5, -0.8
        Assert.Equal(-1.4 / 5, terms.PolicyLoss.item<float>(), 6);
        Assert.Equal(0.3, terms.Entropy.item<float>(), 6);
        Assert.Equal((-1.4 / 5) - (0.01 * 0.3), terms.Loss.item<float>(), 6);
        Assert.Equal(4, terms.Clipped.item<long>());
        // No gradient where the clip decides; else -ρA/5.
        double[] slope = [-2 / 5.0, 0, 1.5 / 5, -0.5 / 5, 0];
        Assert.Equal(slope, logProbability.grad!.data<float>().ToArray().Select(value => (double)value), DecoderTests.Near);
    }

    private static void Set(FlatParameters parameters, string name, params float[] values)
    {
        using var untracked = no_grad();
        parameters[name].copy_(tensor(values));
    }

    private static float[] Values(FlatParameters parameters, string name) => parameters[name].detach().data<float>().ToArray();
}
