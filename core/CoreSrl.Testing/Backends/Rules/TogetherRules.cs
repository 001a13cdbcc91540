using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>Several models in one process, and the end of one.</summary>
internal static class TogetherRules
{
    public static IEnumerable<Rule<BackendTrial>> All { get; } =
    [
        new("models-share-nothing", "What one model learns changes no other model.", ShareNothingAsync),
        new("models-at-once", "Models that play and learn at the same time do it as each alone.", AtOnceAsync),
        new("disposing-of-one-leaves-the-others", "A model answers on when another has been disposed of.", DisposingOfOneAsync),
        new("disposed-of-twice", "A model can be disposed of twice, and the others answer on.", DisposedOfTwiceAsync),
        new("cancelled-is-told-so", "A call that is cancelled ends as cancelled or as any other, and a restored model is as ever behind it.", CancelledAsync),
    ];

    private static async Task ShareNothingAsync(BackendTrial trial)
    {
        var backend = trial.Create();
        var learning = await trial.CreateModelAsync(backend, trial.Seed(), "learning").ConfigureAwait(false);
        IModel[] others =
        [
            await trial.CreateModelAsync(backend, trial.Seed(), "beside").ConfigureAwait(false), await trial.CreateModelAsync(trial.Seed(), "elsewhere").ConfigureAwait(false),
        ];
        var before = others.Select(ModelBits.Of).ToList();
        await trial.TrainAsync(learning, 3).ConfigureAwait(false);
        foreach (var (other, bits) in others.Zip(before))
            trial.ExpectBits(bits, ModelBits.Of(other), "a model beside one that learned");
    }

    private static async Task AtOnceAsync(BackendTrial trial)
    {
        var pairs = new List<(IModel Alone, IModel Beside)>();
        for (var i = 0; i < 3; i++)
            pairs.Add(await trial.TwinsAsync().ConfigureAwait(false));
        var requests = trial.Requests();
        List<LearningBatch> batches = [];
        foreach (var (alone, _) in pairs)
        {
            batches.Add(await trial.PlayAsync(alone).ConfigureAwait(false));
            await StepAsync(alone, batches[^1], requests).ConfigureAwait(false);
        }

        await Task.WhenAll(pairs.Select((pair, i) => Task.Run(() => StepAsync(pair.Beside, batches[i], requests)))).ConfigureAwait(false);
        foreach (var (alone, beside) in pairs)
            trial.ExpectBits(ModelBits.Of(alone), ModelBits.Of(beside), "a model that played and learned at the same time as others");

        static async Task StepAsync(IModel model, LearningBatch batch, IReadOnlyList<ModelRequest> requests)
        {
            for (var i = 0; i < 3; i++)
            {
                await model.ActAsync(requests, default).ConfigureAwait(false);
                if (model.Description.Trainable)
                    await model.LearnAsync(batch, default).ConfigureAwait(false);
            }
        }
    }

    private static async Task DisposingOfOneAsync(BackendTrial trial)
    {
        var backend = trial.Create();
        var (going, staying, requests) = (
            await trial.CreateModelAsync(backend, 1, "going").ConfigureAwait(false), await trial.CreateModelAsync(backend, 1, "staying").ConfigureAwait(false), trial.Requests());
        var before = await staying.ActAsync(requests, default).ConfigureAwait(false);
        await going.DisposeAsync().ConfigureAwait(false);
        trial.ExpectAnswers(before, await staying.ActAsync(requests, default).ConfigureAwait(false), "the answers after another model has been disposed of");
        await trial.TrainAsync(staying).ConfigureAwait(false);
    }

    private static async Task DisposedOfTwiceAsync(BackendTrial trial)
    {
        var backend = trial.Create();
        var (going, staying, requests) = (
            await trial.CreateModelAsync(backend, 1, "going").ConfigureAwait(false), await trial.CreateModelAsync(backend, 1, "staying").ConfigureAwait(false), trial.Requests());
        await trial.TrainAsync(going).ConfigureAwait(false);
        await going.DisposeAsync().ConfigureAwait(false);
        IReadOnlyList<ModelResponse>? before = null;
        try
        {
            before = await staying.ActAsync(requests, default).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The first time has ended both, which is for another rule to say.
        }

        await going.DisposeAsync().ConfigureAwait(false);
        if (before is not null)
            trial.ExpectAnswers(before, await staying.ActAsync(requests, default).ConfigureAwait(false), "the answers after another model has been disposed of a second time");
    }

    private static async Task CancelledAsync(BackendTrial trial)
    {
        var (model, twin) = await trial.TwinsAsync().ConfigureAwait(false);
        var (captured, batch) = (new CapturedModel(model), await trial.PlayAsync(model).ConfigureAwait(false));
        for (var i = 0; i < 4; i++)
        {
            using var cancelling = new CancellationTokenSource();
            if (i == 0)
                await cancelling.CancelAsync().ConfigureAwait(false);
            else
                cancelling.CancelAfter(trial.Random.Next(1, 20));
            await EndsAsync(trial, "creation", async () =>
            {
                var another = await trial.Create().CreateAsync(new("another", 1, trial.Options.Threads), cancelling.Token).ConfigureAwait(false);
                await another.DisposeAsync().ConfigureAwait(false);
            }).ConfigureAwait(false);
            await EndsAsync(trial, "answer", async () => await model.ActAsync(trial.Requests(), cancelling.Token).ConfigureAwait(false)).ConfigureAwait(false);
            if (model.Description.Trainable)
                await EndsAsync(trial, "update", async () => await model.LearnAsync(batch, cancelling.Token).ConfigureAwait(false)).ConfigureAwait(false);
        }

        captured.RestoreInto(model);
        trial.ExpectBits(ModelBits.Of(twin).Changing(), ModelBits.Of(model).Changing(), "a model that was restored behind cancelled calls");
    }

    private static async Task EndsAsync(BackendTrial trial, string what, Func<Task> call)
    {
        try
        {
            await call().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw trial.Violated($"a cancelled {what} to end in an OperationCanceledException, or well", $"there was {trial.Tell(e)}", e);
        }
    }
}
