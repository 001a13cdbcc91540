using CoreSrl.Abstractions;
using CoreSrl.Plugins.TorchLora;

namespace CoreSrl.Torch.Tests;

[Collection(OneProcessTorch.Name)]
public sealed class TorchLoraLearningTests
{
    private static readonly Observation Question = new("Your move? ", "cooperate", "compete");
    private static readonly Observation Other = new("Another game, another move. What now? ", "a", "left", "right");
    private static readonly Observation Free = new("Say something: ");

    [Theory]
    [InlineData(0.7)]
    [InlineData(1.0)]
    public async Task Learning_sees_the_probabilities_that_playing_recorded(double temperature)
    {
        await using var model = await Models.CreateAsync(options: new() { Temperature = temperature });
        await model.TrainOnceAsync(0, 0.01, Question, Other, Free);
        Observation[] observations = [Question, Other, Free, Free];
        var responses = await model.ActAsync([.. observations.Select((seen, i) => new ModelRequest(seen, (ulong)i))], default);
        // With A = 1 and the present policy, every ratio is 1, so the mean surrogate is 1 and the entropy that of play.
        var experiences = observations.Select((seen, i) => new Experience(seen, responses[i], 1, 1)).ToList();

        var report = await model.ComputeGradientsAsync(new LearningBatch(experiences, new LearningSettings(), 0), 0, default);

        Assert.Equal(-1, report.PolicyLoss, 5);
        Assert.Equal(responses.Average(response => response.Entropy), report.Entropy, 4);
        Assert.Equal(0, report.ClipFraction);
    }

    [Fact]
    public async Task The_gradient_is_the_slope_of_the_loss()
    {
        await using var model = await Models.CreateAsync();
        await model.TrainOnceAsync(0, 0.01, Question, Free);
        var batch = await BatchAsync(model, new LearningSettings { ClipRange = 0.9, EntropyCoefficient = 0.5 });
        await model.ComputeGradientsAsync(batch, 0, default);
        var gradients = model.Gradients.Select(gradient => gradient.Floats()).ToList();

        // Along the gradient itself the slope is its squared norm.
        var squared = gradients.Sum(gradient => gradient.Sum(value => (double)value * value));
        var step = 0.01 / Math.Sqrt(squared);
        async Task<double> LossAt(double distance)
        {
            var before = model.Parameters.Select(parameter => parameter.Floats()).ToList();
            foreach (var (parameter, values, gradient) in model.Parameters.Zip(before, gradients))
                Write(parameter, [.. values.Zip(gradient, (value, slope) => (float)(value + (distance * slope)))]);
            var report = await model.ComputeGradientsAsync(batch, 0, default);
            foreach (var (parameter, values) in model.Parameters.Zip(before))
                Write(parameter, values);
            return report.PolicyLoss - (batch.Settings.EntropyCoefficient * report.Entropy);
        }

        var slope = (await LossAt(step) - await LossAt(-step)) / (2 * step);
        Assert.Equal(1, slope / squared, 0.02);
    }

    [Fact]
    public async Task Micro_batches_add_up_to_the_same_gradient()
    {
        await using var whole = await Models.CreateAsync();
        await using var parts = await Models.CreateAsync(options: new() { MicroBatchSize = 1 });
        var batch = await BatchAsync(whole, new LearningSettings());

        var one = await whole.ComputeGradientsAsync(batch, 0, default);
        var other = await parts.ComputeGradientsAsync(batch, 0, default);

        Assert.Equal(one.PolicyLoss, other.PolicyLoss, 5);
        Assert.Equal(one.Entropy, other.Entropy, 5);
        foreach (var (expected, actual) in whole.Gradients.Zip(parts.Gradients))
            Assert.All(expected.Floats().Zip(actual.Floats()), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Fact]
    public async Task Dropout_differs_from_pass_to_pass_and_from_seed_to_seed()
    {
        await using var model = await Models.CreateAsync(options: new() { LoraDropout = 0.5 });
        await model.TrainOnceAsync(0, 0.01, Question);
        var batch = await BatchAsync(model, new LearningSettings());
        async Task<string> Gradients(ulong seed, int pass)
        {
            await model.ComputeGradientsAsync(batch with { Seed = seed }, pass, default);
            return string.Join(' ', model.Gradients.SelectMany(gradient => gradient.Floats()).Where(value => value != 0).Take(50));
        }

        var first = await Gradients(1, 0);
        Assert.Equal(first, await Gradients(1, 0));
        Assert.NotEqual(first, await Gradients(1, 1));
        Assert.NotEqual(first, await Gradients(2, 0));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task The_better_of_two_choices_is_learned_within_twenty_updates(ulong seed)
    {
        await using var model = await Models.CreateAsync(seed);
        await using var idle = await Models.CreateAsync(seed);
        var (learned, unlearned) = (0.0, 0.0);
        for (var update = 0; update < 30; update++)
        {
            var (reward, idleReward) = (await model.TrainOnceAsync(update, 0.01, Question), await idle.TrainOnceAsync(update, 0, Question));
            if (update >= 20)
                (learned, unlearned) = (learned + (reward / 10), unlearned + (idleReward / 10));
        }

        Assert.True(learned > 0.95, $"seed {seed}: the first choice was taken in {learned:P0} of the last games");
        Assert.True(unlearned < 0.8, $"seed {seed}: without learning, the first choice was taken in {unlearned:P0} of the last games");
    }

    [Fact]
    public async Task Different_prompts_learn_different_answers()
    {
        await using var model = await Models.CreateAsync(5);
        Observation[] observations = [new("Red light. ", "stop", "go"), new("Green light. ", "go", "stop")];
        for (var update = 0; update < 30; update++)
            await model.TrainOnceAsync(update, 0.01, observations);

        var reward = await model.TrainOnceAsync(30, 0, observations);
        Assert.True(reward > 0.9, $"reward {reward}");
    }

    [Fact]
    public async Task Weights_that_have_run_away_are_an_error_that_names_the_model_and_the_remedy()
    {
        await using var model = await Models.CreateAsync(id: "model_1_qwen3");
        var batch = await BatchAsync(model, new LearningSettings());
        Write(model.Parameters[1], [.. Enumerable.Repeat(float.NaN, (int)model.Parameters[1].Info.ElementCount)]);

        var learning = await Assert.ThrowsAsync<NonFiniteException>(() => model.ComputeGradientsAsync(batch, 0, default).AsTask());
        var playing = await Assert.ThrowsAsync<NonFiniteException>(() => model.ActAsync([new ModelRequest(Question, 1)], default).AsTask());

        Assert.Equal(
            "In model model_1_qwen3, the loss is not a finite number: its weights have run away. Lower LearningRate (the model's, or the "
            + "trainer's) and resume from an earlier checkpoint.",
            learning.Message);
        Assert.Contains("In model model_1_qwen3, a probability is", playing.Message, StringComparison.Ordinal);
    }

    private static void Write(StateTensor tensor, float[] values) =>
        tensor.CopyFrom(0, System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));

    private static async Task<LearningBatch> BatchAsync(TorchLoraModel model, LearningSettings settings)
    {
        Observation[] observations = [Question, Other, Free, Question, Free, Other, Question];
        var responses = await model.ActAsync([.. observations.Select((seen, i) => new ModelRequest(seen, (ulong)i))], default);
        return new([.. observations.Select((seen, i) => new Experience(seen, responses[i], i, (i % 3) - 0.8))], settings, 5);
    }
}
