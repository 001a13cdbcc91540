using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>Learning; a model that says that it cannot keeps these rules.</summary>
internal static class LearningRules
{
    public static IEnumerable<Rule<BackendTrial>> All { get; } =
    [
        new("learning-changes-something", "Learning from answers of which some were better changes what training is to change.", ChangesSomethingAsync),
        new("frozen-stays-frozen", "Learning changes no bit of a frozen tensor.", FrozenStaysFrozenAsync),
        new("learning-is-deterministic", "Two models of the same bits learn the same from the same batch, to the bit, and report the same.", IsDeterministicAsync),
        new("reports-are-finite", "A report holds finite numbers: entropy, divergence, norm and step size not negative, the clipped share from 0 to 1.", ReportsAreFiniteAsync),
        new("weights-stay-finite", "Learning leaves no tensor with numbers that are none, even where no answer was better than another.", WeightsStayFiniteAsync),
        new("any-batch-is-learned-from", "A model can learn from a single experience, from many, over several passes, with a step size of 0 and by every term of the loss.", AnyBatchAsync),
    ];

    private static async Task ChangesSomethingAsync(BackendTrial trial)
    {
        var model = await trial.CreateModelAsync(trial.Seed()).ConfigureAwait(false);
        if (!model.Description.Trainable)
            return;
        var (before, weights) = (ModelBits.Of(model).State, Weights());
        await trial.TrainAsync(model, 3).ConfigureAwait(false);
        if (weights.Tensors.Count > 0)
            trial.Expect(weights.Difference(Weights()) is not null, "three updates to change some weights", "they stayed the same to the bit");
        else
            trial.Expect(before != ModelBits.Of(model).State, "three updates to change the state of a model without weights", $"it stayed {before}");

        ModelBits Weights() => ModelBits.Of(model).Only(TensorPart.Weights, TensorPart.Adapter);
    }

    private static async Task FrozenStaysFrozenAsync(BackendTrial trial)
    {
        var model = await trial.CreateModelAsync(trial.Seed()).ConfigureAwait(false);
        var before = ModelBits.Of(model).Only(TensorPart.Frozen);
        await trial.TrainAsync(model, 3).ConfigureAwait(false);
        trial.ExpectBits(before, ModelBits.Of(model).Only(TensorPart.Frozen), "frozen tensors behind three updates");
    }

    private static async Task IsDeterministicAsync(BackendTrial trial)
    {
        var (model, twin) = await trial.TwinsAsync().ConfigureAwait(false);
        for (var update = 0; update < 3 && model.Description.Trainable; update++)
        {
            var batch = await trial.PlayAsync(model).ConfigureAwait(false);
            var (report, again) = (await model.LearnAsync(batch, default).ConfigureAwait(false), await twin.LearnAsync(batch, default).ConfigureAwait(false));
            trial.ExpectSame(report, again, "the report of another model of the same bits");
            trial.ExpectBits(ModelBits.Of(model), ModelBits.Of(twin), "another model that has learned the same");
        }
    }

    private static async Task ReportsAreFiniteAsync(BackendTrial trial)
    {
        var model = await trial.CreateModelAsync(trial.Seed()).ConfigureAwait(false);
        for (var update = 0; update < 3 && model.Description.Trainable; update++)
        {
            var report = await model.LearnAsync(await trial.PlayAsync(model).ConfigureAwait(false), default).ConfigureAwait(false);
            trial.Expect(report is not null, "a report", "it was null");
            trial.Expect(double.IsFinite(report!.PolicyLoss), "a finite loss", $"it was {report.PolicyLoss}");
            trial.Expect(double.IsFinite(report.Entropy) && report.Entropy >= -1e-3, "a finite entropy of at least 0", $"it was {report.Entropy}");
            trial.Expect(double.IsFinite(report.Kl) && report.Kl >= 0, "a finite divergence of at least 0", $"it was {report.Kl}");
            trial.Expect(double.IsFinite(report.LearningRate) && report.LearningRate >= 0, "a finite step size of at least 0", $"it was {report.LearningRate}");
            trial.Expect(report.ClipFraction is >= 0 and <= 1, "a clipped share from 0 to 1", $"it was {report.ClipFraction}");
            trial.Expect(double.IsFinite(report.GradientNorm) && report.GradientNorm >= 0, "a finite norm of at least 0", $"it was {report.GradientNorm}");
        }
    }

    private static async Task WeightsStayFiniteAsync(BackendTrial trial)
    {
        foreach (var (what, advantage) in new (string, Func<int, double>)[] { ("all are 0", _ => 0), ("all are 1", _ => 1), ("they are large", i => i % 2 == 0 ? 50 : -50) })
        {
            var model = await trial.CreateModelAsync(trial.Seed()).ConfigureAwait(false);
            for (var update = 0; update < 3 && model.Description.Trainable; update++)
                await model.LearnAsync(await trial.PlayAsync(model, advantage: advantage).ConfigureAwait(false), default).ConfigureAwait(false);
            var broken = model.Tensors.FirstOrDefault(tensor => !FloatingPoint.IsFinite(tensor));
            trial.Expect(broken is null, $"finite numbers after learning from advantages of which {what}", $"{broken?.Part} {broken?.Info} has others");
        }
    }

    private static async Task AnyBatchAsync(BackendTrial trial)
    {
        foreach (var (count, what, settings) in Batches())
        {
            var model = await trial.CreateModelAsync(trial.Seed()).ConfigureAwait(false);
            if (!model.Description.Trainable)
                return;
            try
            {
                await model.LearnAsync(await trial.PlayAsync(model, count, settings: settings).ConfigureAwait(false), default).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                throw trial.Violated($"learning from {count} experiences {what}", $"there was {trial.Tell(e)}", e);
            }
        }
    }

    private static IEnumerable<(int Count, string What, LearningSettings Settings)> Batches()
    {
        foreach (var (count, passes, rate) in new[] { (1, 1, 0.01), (1, 3, 0.01), (2, 1, 0.01), (200, 1, 0.01), (4, 1, 0) })
            yield return (count, $"in {passes} passes with a step size of {rate}", new() { Passes = passes, LearningRate = rate, EntropyCoefficient = rate });
        foreach (var aggregation in Enum.GetValues<LossAggregation>())
        {
            yield return (
                6, $"with a divergence, two bounds and the aggregation {aggregation}",
                new() { Passes = 2, LearningRate = 0.01, LearningRateFactor = 0.5, KlCoefficient = 0.1, ClipRangeHigh = 0.28, Aggregation = aggregation });
        }
    }
}
