using CoreSrl.Abstractions;
using CoreSrl.Plugins.TorchLora;
using static TorchSharp.torch;

namespace CoreSrl.Torch.Tests;

/// <summary>The terms of GRPO and its variants, computed once more by hand from the probabilities alone.</summary>
[Collection(OneProcessTorch.Name)]
public sealed class GroupRelativeTests
{
    private static readonly Observation Free = new("Say something: ");
    private static readonly Observation Question = new("Your move? ", "cooperate", "compete");

    [Fact]
    public async Task The_divergence_is_that_from_the_base_model_with_its_adapter_off()
    {
        await using var model = await Models.CreateAsync(3);
        await using var untouched = await Models.CreateAsync(3);
        var settings = new LearningSettings { KlCoefficient = 0.5, EntropyCoefficient = 0, LearningRate = 0.05 };
        Assert.Equal(0, (await model.ComputeGradientsAsync(await BatchAsync(model, settings), 0, default)).Kl, 6);
        for (var update = 0; update < 8; update++)
            await model.TrainOnceAsync(update, 0.05, Free, Question);

        var batch = await BatchAsync(model, settings);
        var report = await model.ComputeGradientsAsync(batch, 0, default);

        // A model that never learned is the base; what it gives each action is read off a loss of ratios: -ρA with A = 1 is -q/p.
        var expected = 0.0;
        foreach (var experience in batch.Experiences)
        {
            var (p, q) = (experience.Response.LogProbabilities, await LogProbabilitiesAsync(untouched, experience));
            expected += p.Zip(q, (own, other) => Math.Exp(other - own) - (other - own) - 1).Average() / batch.Experiences.Count;
        }

        Assert.True(expected > 0.05, $"after learning the divergence was only {expected}");
        Assert.Equal(expected, report.Kl, 1e-3 * expected);
        Assert.Equal(0, (await model.ComputeGradientsAsync(batch with { Settings = new() }, 0, default)).Kl);
    }

    [Fact]
    public async Task A_model_that_is_held_to_its_base_goes_back_there()
    {
        await using var model = await Models.CreateAsync(3);
        for (var update = 0; update < 8; update++)
            await model.TrainOnceAsync(update, 0.05, Question);
        var settings = new LearningSettings { KlCoefficient = 1, EntropyCoefficient = 0, LearningRate = 0.02, Passes = 1 };
        var divergences = new List<double>();
        for (var update = 0; update < 30; update++)
        {
            var batch = await BatchAsync(model, settings, seed: update, advantage: _ => 0, Question);
            divergences.Add((await ((IModel)model).LearnAsync(batch, default)).Kl);
        }

        Assert.True(divergences[^1] < 0.2 * divergences[0], string.Join(' ', divergences));
    }

    [Theory]
    [InlineData(LossAggregation.Answer)]
    [InlineData(LossAggregation.Action)]
    [InlineData(LossAggregation.Constant)]
    public async Task Each_action_has_its_share(LossAggregation aggregation)
    {
        await using var model = await Models.CreateAsync(1, new() { MaxTokens = 9, MicroBatchSize = 2, StopStrings = [.. "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".Select(letter => $"{letter}")] });
        var batch = await BatchAsync(model, new LearningSettings { Aggregation = aggregation });
        Assert.True(batch.Experiences.Select(experience => experience.Response.Actions.Length).Distinct().Count() > 2);

        var report = await model.ComputeGradientsAsync(batch, 0, default);

        // Of the model that played, every ratio is 1.
        var (count, all) = (batch.Experiences.Count, batch.Experiences.Sum(experience => experience.Response.Actions.Length));
        double Share(Experience experience) => experience.Response.Actions.Length * aggregation switch
        {
            LossAggregation.Answer => 1.0 / (count * experience.Response.Actions.Length),
            LossAggregation.Action => 1.0 / all,
            _ => 1.0 / (count * (experience.Observation.Choices.IsEmpty ? 9 : 1)),
        };
        Assert.Equal(-batch.Experiences.Sum(experience => Share(experience) * experience.Advantage), report.PolicyLoss, 5);

        // What is told in nats is a mean, also where the shares do not come to 1.
        Assert.Equal(batch.Experiences.Sum(experience => Share(experience) * experience.Response.Entropy) / batch.Experiences.Sum(Share), report.Entropy, 4);
    }

    [Theory]
    [InlineData(null, 1.2, 2)]
    [InlineData(0.28, 1.28, 2)]
    [InlineData(0.6, 1.5, 1)]
    public async Task A_ratio_may_rise_farther_than_it_may_fall(double? high, double surrogate, int clipped)
    {
        await using var model = await Models.CreateAsync();
        var answers = await model.ActAsync([new(Question, 1), new(Question, 2)], default);
        Experience Taken(ModelResponse answer, double ratio, double advantage) =>
            new(Question, answer with { LogProbabilities = [(float)(answer.LogProbabilities[0] - Math.Log(ratio))] }, 0, advantage);
        var batch = new LearningBatch([Taken(answers[0], 1.5, 1), Taken(answers[1], 0.5, -1)], new() { ClipRange = 0.2, ClipRangeHigh = high }, 0);

        var report = await model.ComputeGradientsAsync(batch, 0, default);

        // By hand: min(1.5, clip) and min(-0.5, -0.8).
        Assert.Equal(-(surrogate - 0.8) / 2, report.PolicyLoss, 5);
        Assert.Equal(clipped / 2.0, report.ClipFraction);
    }

    [Theory]
    [InlineData(null, 0.1)]
    [InlineData(0.5, 0.125)]
    public async Task A_schedule_holds_for_a_step_size_of_ones_own_too(double? own, double expected)
    {
        await using var model = await Models.CreateAsync(1, new() { LearningRate = own });
        var report = await ((IModel)model).LearnAsync(await BatchAsync(model, new() { LearningRate = 0.1, LearningRateFactor = 0.25 }), default);
        Assert.Equal(expected, report.LearningRate, 12);

        // Adam's first step is as long as the step size, in every direction that has a gradient at all.
        var before = await Models.CreateAsync(1, new() { LearningRate = own });
        var moved = model.Parameters.Zip(before.Parameters).Max(pair => pair.First.Floats().Zip(pair.Second.Floats(), (a, b) => Math.Abs(a - b)).Max());
        Assert.Equal(expected, moved, 1e-3);
        await before.DisposeAsync();
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.3, 0.1)]
    public async Task Layers_computed_twice_give_the_same_gradients_to_the_bit(double dropout, double kl)
    {
        var options = new TorchLoraOptions { Layers = 3, LoraDropout = dropout, MicroBatchSize = 3 };
        await using var plain = await Models.CreateAsync(2, options);
        await using var twice = await Models.CreateAsync(2, options with { GradientCheckpointing = true });
        for (var update = 0; update < 3; update++)
        {
            await plain.TrainOnceAsync(update, 0.01, Free, Question);
            await twice.TrainOnceAsync(update, 0.01, Free, Question);
        }

        var batch = await BatchAsync(plain, new() { KlCoefficient = kl });
        var (one, other) = (await plain.ComputeGradientsAsync(batch, 1, default), await twice.ComputeGradientsAsync(batch, 1, default));

        Assert.Equal(one, other);
        Assert.Contains(plain.Gradients, gradient => gradient.Floats().Any(value => value != 0));
        Assert.All(plain.Gradients.Zip(twice.Gradients), pair => Assert.Equal(pair.First.Bytes(), pair.Second.Bytes()));
    }

    // As an adapter of PEFT's with a pattern for target_modules may be.
    [Fact]
    public void Layers_without_an_adapter_learn_nothing_when_computed_twice_either()
    {
        var config = new DecoderConfig { VocabularySize = 50, HiddenSize = 16, Layers = 3, Heads = 2, KeyValueHeads = 1, HeadDim = 8, IntermediateSize = 32, RopeTheta = 10_000 };
        using var weights = DecoderWeights.Random(config, 1, CPU);
        using var adapter = new LoraAdapter(new() { Rank = 2, Alpha = 4, TargetPattern = @"model\.layers\.1\..*_proj" }, weights, 1);
        using var decoder = new Decoder(weights, adapter);
        var (plain, twice) = (Gradients(null), Gradients(new LayerTape()));
        Assert.Contains(plain, value => value != 0);
        Assert.Equal(plain, twice);

        float[] Gradients(LayerTape? tape)
        {
            using var scope = NewDisposeScope();
            adapter.Parameters.Gradients.zero_();
            new SharedPrefixBatch([([1, 2, 3], (IReadOnlyList<int[]>)[[4, 5, 6]])]).Score(decoder, 1, null, tape).LogProbabilities.pow(2).sum().backward();
            tape?.Backward();
            return adapter.Parameters.Gradients.data<float>().ToArray();
        }
    }

    [Fact]
    public void A_tape_that_no_loss_has_reached_says_so() =>
        Assert.Contains("call backward()", Assert.Throws<InvalidOperationException>(new LayerTape().Backward).Message, StringComparison.Ordinal);

    private static async Task<LearningBatch> BatchAsync(TorchLoraModel model, LearningSettings settings, int seed = 0, Func<int, double>? advantage = null, Observation? only = null)
    {
        var requests = Enumerable.Range(0, 12).Select(i => new ModelRequest(only ?? (i % 3 == 2 ? Question : Free), SeededFill.Derive((ulong)seed, $"{i}"))).ToList();
        var responses = await model.ActAsync(requests, default);
        return new([.. requests.Select((request, i) => new Experience(request.Observation, responses[i], 0, (advantage ?? (n => (n % 5) - 1.7))(i)))], settings, 7);
    }

    private static async Task<double[]> LogProbabilitiesAsync(TorchLoraModel model, Experience experience)
    {
        // -ρA of each action alone, with A = 1 for it and a recorded probability of 1: its probability.
        var probabilities = new List<double>();
        for (var i = 0; i < experience.Response.Actions.Length; i++)
        {
            var cut = experience.Response with { Actions = experience.Response.Actions[..(i + 1)], LogProbabilities = [.. new float[i + 1]] };
            var whole = await LossAsync(cut) * (i + 1);
            var before = i == 0 ? 0 : await LossAsync(cut with { Actions = cut.Actions[..i], LogProbabilities = cut.LogProbabilities[..i] }) * i;
            probabilities.Add(Math.Log(whole - before));
        }

        return [.. probabilities];

        async Task<double> LossAsync(ModelResponse response) => -(await model.ComputeGradientsAsync(
            new([experience with { Response = response, Advantage = 1 }], new() { ClipRange = 0.999999999 }, 0), 0, default)).PolicyLoss;
    }
}
