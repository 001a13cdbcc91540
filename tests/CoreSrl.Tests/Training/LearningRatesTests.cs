using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Configuration;
using CoreSrl.Training;

namespace CoreSrl.Tests.Training;

public sealed class LearningRatesTests
{
    // By hand, for 8 episodes.
    [Theory]
    [InlineData(LearningRateSchedule.Constant, 0, "1 1 1 1 1 1 1 1")]
    [InlineData(LearningRateSchedule.Constant, 4, "0.25 0.5 0.75 1 1 1 1 1")]
    [InlineData(LearningRateSchedule.Linear, 0, "1 0.875 0.75 0.625 0.5 0.375 0.25 0.125")]
    [InlineData(LearningRateSchedule.Linear, 4, "0.25 0.5 0.75 1 1 0.75 0.5 0.25")]
    [InlineData(LearningRateSchedule.Cosine, 4, "0.25 0.5 0.75 1 1 0.854 0.5 0.146")]
    [InlineData(LearningRateSchedule.Linear, 20, "0.05 0.1 0.15 0.2 0.25 0.3 0.35 0.4")]
    public void A_factor_follows_from_the_episode_alone(LearningRateSchedule schedule, long warmup, string factors)
    {
        var options = new TrainingOptions { LearningRateSchedule = schedule, WarmupEpisodes = warmup, MaxEpisodes = 8 };
        Assert.Equal(factors, string.Join(' ', Enumerable.Range(1, 8).Select(episode => FormattableString.Invariant($"{Math.Round(LearningRates.Factor(episode, options), 3)}"))));
    }

    [Fact]
    public async Task Models_are_told_the_step_size_of_the_episode_and_the_terms_of_the_loss()
    {
        var options = new TrainingOptions
        {
            LearningRate = 0.1,
            MaxEpisodes = 10,
            LearningRateSchedule = LearningRateSchedule.Linear,
            ClipRange = 0.1,
            ClipRangeHigh = 0.28,
            KlCoefficient = 0.04,
            EntropyCoefficient = 0.5,
            LossAggregation = LossAggregation.Action,
            MaxGradientNorm = 3,
            Passes = 4,
        };
        var model = new Listener();
        await new Learner([new("m", 0, model)], options, new(new())).UpdateAsync(6, [[new(new("?"), new("a", [1], [0f], 0), 1, 1)]], [0], default);
        Assert.Equal(
            new LearningSettings
            {
                LearningRate = 0.05,
                LearningRateFactor = 0.5,
                ClipRange = 0.1,
                ClipRangeHigh = 0.28,
                KlCoefficient = 0.04,
                EntropyCoefficient = 0.5,
                Aggregation = LossAggregation.Action,
                MaxGradientNorm = 3,
                Passes = 4,
            },
            model.Settings);
    }

    private sealed class Listener : IModel
    {
        public LearningSettings? Settings { get; private set; }

        public ModelDescription Description { get; } = new() { Kind = "test", Architecture = [] };

        public IReadOnlyList<StateTensor> Tensors => [];

        public ValueTask<IReadOnlyList<ModelResponse>> ActAsync(IReadOnlyList<ModelRequest> requests, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<LearningReport> LearnAsync(LearningBatch batch, CancellationToken cancellationToken)
        {
            Settings = batch.Settings;
            return new(LearningReport.Nothing);
        }

        public JsonObject CaptureState() => [];

        public void RestoreState(JsonObject state)
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
