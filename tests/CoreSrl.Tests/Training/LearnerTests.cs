using CoreSrl.Abstractions;
using CoreSrl.Configuration;
using CoreSrl.Tests.Fakes;
using CoreSrl.Training;

namespace CoreSrl.Tests.Training;

public sealed class LearnerTests
{
    [Theory]
    [InlineData(WeightUpdates.Asynchronous)]
    [InlineData(WeightUpdates.Selective)]
    public async Task Learning_side_by_side_is_learning_alone(WeightUpdates updates)
    {
        var together = Models(4, 4, 3);
        await UpdateAsync(together, updates, [2, 1, 3]);
        for (var index = 0; index < 3; index++)
        {
            var alone = Models(4, 4, 3);
            var learns = updates == WeightUpdates.Asynchronous || index != 1;
            if (learns)
                await ((IModel)alone[index]).LearnAsync(new(Experiences(index), Settings(), Seeds.Derive(7, "learn", $"m{index}", 5)), default);
            Assert.Equal(alone[index].Weights.ToArray(), together[index].Weights.ToArray());
        }
    }

    [Fact]
    public async Task Synchronized_models_of_a_shape_step_by_the_mean_of_their_gradients_in_every_pass()
    {
        var models = Models(4, 3, 4);
        var reports = await UpdateAsync(models, WeightUpdates.Synchronized, [0, 0, 0]);

        var alike = Models(4, 4);
        for (var pass = 0; pass < 2; pass++)
        {
            await alike[0].ComputeGradientsAsync(new(Experiences(0), Settings(), Seeds.Derive(7, "learn", "m0", 5)), pass, default);
            await alike[1].ComputeGradientsAsync(new(Experiences(2), Settings(), Seeds.Derive(7, "learn", "m2", 5)), pass, default);
            for (var i = 0; i < 4; i++)
                alike[0].Gradient[i] = (alike[0].Gradient[i] * 0.5f) + (alike[1].Gradient[i] * 0.5f);
            alike[0].Gradient.CopyTo(alike[1].Gradient);
            foreach (var model in alike)
                await model.ApplyGradientsAsync(Settings(), default);
        }

        for (var i = 0; i < 4; i++)
            Assert.Equal(alike[0].Weights[i], models[0].Weights[i], 1e-6f);
        Assert.Equal(models[0].Gradient.ToArray(), models[2].Gradient.ToArray());
        Assert.Equal(reports[0]!.GradientNorm, reports[2]!.GradientNorm);
        Assert.NotEqual(reports[0]!.PolicyLoss, reports[2]!.PolicyLoss);
    }

    [Fact]
    public async Task Synchronized_leaves_a_model_of_another_shape_to_learn_alone()
    {
        var models = Models(4, 3, 4);
        await UpdateAsync(models, WeightUpdates.Synchronized, [0, 0, 0]);
        var alone = Models(4, 3, 4)[1];
        await ((IModel)alone).LearnAsync(new(Experiences(1), Settings(), Seeds.Derive(7, "learn", "m1", 5)), default);
        Assert.Equal(alone.Weights.ToArray(), models[1].Weights.ToArray());
    }

    [Fact]
    public async Task Federated_models_of_a_shape_share_their_average_weighted_by_the_softmax_of_their_rewards()
    {
        var separate = Models(4, 4, 3);
        await UpdateAsync(separate, WeightUpdates.Asynchronous, [3, 1, 100]);
        var federated = Models(4, 4, 3);
        await UpdateAsync(federated, WeightUpdates.Federated, [3, 1, 100]);

        // Rewards 3 and 1: mean 2, deviation 1, so scores e and 1/e.
        var better = Math.E / (Math.E + (1 / Math.E));
        for (var i = 0; i < 4; i++)
            Assert.Equal((better * separate[0].Weights[i]) + ((1 - better) * separate[1].Weights[i]), federated[0].Weights[i], 1e-6);
        Assert.Equal(federated[0].Weights.ToArray(), federated[1].Weights.ToArray());
        Assert.Equal(separate[2].Weights.ToArray(), federated[2].Weights.ToArray());
    }

    [Fact]
    public async Task Federated_models_of_equal_rewards_weigh_the_same()
    {
        var separate = Models(4, 4);
        await UpdateAsync(separate, WeightUpdates.Asynchronous, [1, 1]);
        var federated = Models(4, 4);
        await UpdateAsync(federated, WeightUpdates.Federated, [1, 1]);
        for (var i = 0; i < 4; i++)
            Assert.Equal((separate[0].Weights[i] + separate[1].Weights[i]) / 2, federated[0].Weights[i], 1e-6f);
    }

    [Theory]
    [InlineData(new double[] { 1, 3, 2, 5 }, new[] { 1, 3 })]
    [InlineData(new double[] { 1, 3, 2, 5, 4 }, new[] { 1, 3, 4 })]
    [InlineData(new double[] { 1, 1, 1, 1 }, new[] { 0, 1 })]
    [InlineData(new double[] { 0, 2, 1, 1 }, new[] { 1, 2 })]
    [InlineData(new double[] { -1 }, new[] { 0 })]
    public async Task Selective_changes_only_the_better_half_rounded_up_and_of_equals_the_first(double[] performance, int[] learn)
    {
        var models = Models([.. performance.Select(_ => 4)]);
        var before = models.ConvertAll(model => model.Weights.ToArray());
        var reports = await UpdateAsync(models, WeightUpdates.Selective, performance);
        Assert.Equal(learn, Enumerable.Range(0, models.Count).Where(i => reports[i] is not null));
        Assert.Equal(learn, Enumerable.Range(0, models.Count).Where(i => !models[i].Weights.SequenceEqual(before[i])));
    }

    [Theory]
    [InlineData(WeightUpdates.Asynchronous)]
    [InlineData(WeightUpdates.Synchronized)]
    [InlineData(WeightUpdates.Federated)]
    [InlineData(WeightUpdates.Selective)]
    public async Task A_model_that_is_not_trainable_never_changes(WeightUpdates updates)
    {
        List<TestModel> models = [.. Models(4, 4), new(2, new() { Width = 4, Trainable = false })];
        var before = models[2].Weights.ToArray();
        var reports = await UpdateAsync(models, updates, [1, 2, 30]);
        Assert.Null(reports[2]);
        Assert.Equal(before, models[2].Weights.ToArray());
    }

    [Fact]
    public async Task A_model_without_experiences_does_not_learn()
    {
        var models = Models(4, 4);
        var before = models[1].Weights.ToArray();
        var reports = await new Learner(Slots(models), Options(WeightUpdates.Asynchronous), new(new())).UpdateAsync(5, [Experiences(0), []], [1, 1], default);
        Assert.NotNull(reports[0]);
        Assert.Null(reports[1]);
        Assert.Equal(before, models[1].Weights.ToArray());
    }

    [Fact]
    public void Learning_together_needs_two_models_of_one_shape()
    {
        Assert.Null(Learner.Check(Slots(Models(4, 3, 4)), WeightUpdates.Synchronized));
        Assert.Null(Learner.Check(Slots(Models(4)), WeightUpdates.Federated));
        Assert.Null(Learner.Check(Slots(Models(4, 3)), WeightUpdates.Selective));
        Assert.Equal(
            "'federated' needs at least two models of one shape that learn by gradients; these have none in common. Give them equal architectures and ranks, or use 'asynchronous'",
            Learner.Check(Slots(Models(4, 3)), WeightUpdates.Federated));
    }

    private static List<TestModel> Models(params int[] widths) => [.. widths.Select((width, index) => new TestModel((ulong)index, new() { Width = width }))];

    private static List<ModelSlot> Slots(List<TestModel> models) => [.. models.Select((model, index) => new ModelSlot($"m{index}", index, model))];

    private static TrainingOptions Options(WeightUpdates updates) => new() { WeightUpdates = updates, LearningRate = 0.1, Passes = 2 };

    private static LearningSettings Settings() => new() { LearningRate = 0.1, Passes = 2 };

    private static IReadOnlyList<Experience> Experiences(int model) =>
        [.. Enumerable.Range(0, 3).Select(i => new Experience(new("?"), new("a", [i], [0f], 0), model + i, (model * 0.3) - i))];

    private static Task<LearningReport?[]> UpdateAsync(List<TestModel> models, WeightUpdates updates, double[] performance) =>
        new Learner(Slots(models), Options(updates), new(new())).UpdateAsync(5, [.. models.Select((_, index) => Experiences(index))], performance, default);
}
