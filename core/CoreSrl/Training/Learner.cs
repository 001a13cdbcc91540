using CoreSrl.Abstractions;
using CoreSrl.Configuration;
using CoreSrl.Plugins.Limits;

namespace CoreSrl.Training;

/// <summary>
/// Lets the models learn from what they played since the last update, in one of four ways; see <see cref="WeightUpdates"/>.
/// </summary>
/// <remarks>Averaged gradients: Dean et al. 2012, "Large Scale Distributed Deep Networks", NIPS. Averaged parameters: McMahan et al.
/// 2017, "Communication-Efficient Learning of Deep Networks from Decentralized Data", arXiv:1602.05629, with weights by performance
/// in place of sample counts.</remarks>
internal sealed class Learner(IReadOnlyList<ModelSlot> models, TrainingOptions options, PluginCalls calls)
{
    /// <summary>Whether these models' updates can depend on one another as asked; otherwise why not.</summary>
    public static string? Check(IReadOnlyList<ModelSlot> models, WeightUpdates updates) =>
        updates is WeightUpdates.Synchronized or WeightUpdates.Federated && models.Count > 1 && !ShapeGroups(models).Any(group => group.Count > 1)
            ? $"'{updates.ToString().ToLowerInvariant()}' needs at least two models of one shape that learn by gradients; these have none in common. Give them equal architectures and ranks, or use 'asynchronous'"
            : null;

    /// <summary>One update.</summary>
    /// <param name="episode">The episode just played; with the run's seed it seeds dropout.</param>
    /// <param name="experiences">Each model's experiences since the last update.</param>
    /// <param name="performance">Each model's summed reward over the same time, as the environment gave it.</param>
    /// <param name="cancellationToken">Ends the work early; the models are then part-way.</param>
    /// <returns>What each model did; null for one that did not learn.</returns>
    public async Task<LearningReport?[]> UpdateAsync(
        long episode, IReadOnlyList<IReadOnlyList<Experience>> experiences, IReadOnlyList<double> performance, CancellationToken cancellationToken)
    {
        var learning = models.Where(slot => slot.Model.Description.Trainable && experiences[slot.Index].Count > 0).ToList();
        if (options.WeightUpdates == WeightUpdates.Selective)
            learning = BetterHalf(learning, performance);
        var settings = Settings(episode);
        var batches = learning.ToDictionary(
            slot => slot.Index, slot => new LearningBatch(experiences[slot.Index], settings, Seeds.Derive(options.Seed, "learn", slot.Id, episode)));
        var reports = new LearningReport?[models.Count];

        var together = options.WeightUpdates == WeightUpdates.Synchronized ? ShapeGroups(learning) : [];
        await Task.WhenAll([
            .. learning.Except(together.SelectMany(group => group)).Select(LearnAloneAsync),
            .. together.Select(LearnTogetherAsync)]).ConfigureAwait(false);
        if (options.WeightUpdates == WeightUpdates.Federated)
        {
            foreach (var group in ShapeGroups(learning))
                AverageParameters(group, performance);
        }

        return reports;

        async Task LearnAloneAsync(ModelSlot slot) =>
            reports[slot.Index] = await CallAsync(slot, nameof(IModel.LearnAsync), model => model.LearnAsync(batches[slot.Index], cancellationToken)).ConfigureAwait(false);

        async Task LearnTogetherAsync(List<ModelSlot> group)
        {
            var members = group.ConvertAll(slot => (IGradientModel)slot.Model);
            for (var pass = 0; pass < settings.Passes; pass++)
            {
                await Task.WhenAll(group.Select(async slot => reports[slot.Index] = await CallAsync(
                    slot, nameof(IGradientModel.ComputeGradientsAsync),
                    model => ((IGradientModel)model).ComputeGradientsAsync(batches[slot.Index], pass, cancellationToken)).ConfigureAwait(false))).ConfigureAwait(false);
                TensorAverage.Average(members.ConvertAll(model => model.Gradients), [.. members.Select(_ => 1.0 / members.Count)]);
                await Task.WhenAll(group.Select(async slot => reports[slot.Index] = reports[slot.Index]! with
                {
                    GradientNorm = await CallAsync(
                        slot, nameof(IGradientModel.ApplyGradientsAsync),
                        model => ((IGradientModel)model).ApplyGradientsAsync(settings, cancellationToken)).ConfigureAwait(false),
                })).ConfigureAwait(false);
            }
        }

        Task<T> CallAsync<T>(ModelSlot slot, string call, Func<IModel, ValueTask<T>> work) => slot.CallAsync(calls, call, work, cancellationToken);
    }

    private LearningSettings Settings(long episode)
    {
        var factor = LearningRates.Factor(episode, options);
        return new()
        {
            LearningRate = options.LearningRate * factor,
            LearningRateFactor = factor,
            ClipRange = options.ClipRange,
            ClipRangeHigh = options.ClipRangeHigh,
            KlCoefficient = options.KlCoefficient,
            EntropyCoefficient = options.EntropyCoefficient,
            Aggregation = options.LossAggregation,
            MaxGradientNorm = options.MaxGradientNorm,
            Passes = options.Passes,
        };
    }

    /// <summary>The better half by reward, rounded up; of equals the first.</summary>
    private static List<ModelSlot> BetterHalf(List<ModelSlot> learning, IReadOnlyList<double> performance) =>
        [.. learning.OrderByDescending(slot => performance[slot.Index]).ThenBy(slot => slot.Index).Take((learning.Count + 1) / 2).OrderBy(slot => slot.Index)];

    private static List<List<ModelSlot>> ShapeGroups(IEnumerable<ModelSlot> slots) =>
        [.. slots.Where(slot => slot.Model is IGradientModel)
            .GroupBy(slot => string.Join('\n', ((IGradientModel)slot.Model).Parameters.Select(parameter => parameter.Info.ToString())))
            .Select(group => group.ToList())];

    /// <summary>Weights are a softmax of the rewards in units of their spread, so that their scale does not matter.</summary>
    private static void AverageParameters(List<ModelSlot> group, IReadOnlyList<double> performance)
    {
        var rewards = group.ConvertAll(slot => performance[slot.Index]);
        var mean = rewards.Average();
        var spread = Math.Sqrt(rewards.Average(reward => (reward - mean) * (reward - mean)));
        var scores = rewards.ConvertAll(reward => Math.Exp(spread > 1e-12 ? (reward - mean) / spread : 0));
        TensorAverage.Average(group.ConvertAll(slot => ((IGradientModel)slot.Model).Parameters), scores.ConvertAll(score => score / scores.Sum()));
    }
}
