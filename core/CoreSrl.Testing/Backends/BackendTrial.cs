using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>One rule of backends on trial.</summary>
internal sealed class BackendTrial(ConformanceRule rule, Func<IModelBackend> create, BackendConformanceOptions options)
    : PluginTrial<IModelBackend>(rule, create, options)
{
    private const int Questions = 12;

    public BackendConformanceOptions Options => options;

    /// <summary>A model of a backend of its own.</summary>
    public Task<IModel> CreateModelAsync(ulong seed, string id = "model") => CreateModelAsync(Create(), seed, id);

    public async Task<IModel> CreateModelAsync(IModelBackend backend, ulong seed, string id = "model")
    {
        var model = await backend.CreateAsync(new(id, seed, options.Threads), default).ConfigureAwait(false);
        return Make(() => model);
    }

    /// <summary>Two models of one context and the same bits; made so if they were not created so, which is for one rule to say.</summary>
    public async Task<(IModel One, IModel Two)> TwinsAsync()
    {
        var seed = Seed();
        var (one, two) = (await CreateModelAsync(seed).ConfigureAwait(false), await CreateModelAsync(seed).ConfigureAwait(false));
        if (ModelBits.Of(one).Difference(ModelBits.Of(two)) is not null)
            new CapturedModel(one, frozen: true).RestoreInto(two);
        return (one, two);
    }

    public ulong Seed() => (ulong)Random.NextInt64();

    /// <summary>Questions, each with its seed.</summary>
    public IReadOnlyList<ModelRequest> Requests(int count = Questions) =>
        [.. Enumerable.Range(0, count).Select(i => new ModelRequest(options.Questions[i % options.Questions.Count], Seed()))];

    /// <summary>What came of some questions: half of the answers were better than the others.</summary>
    public async Task<LearningBatch> PlayAsync(IModel model, int count = Questions, Func<int, double>? advantage = null, LearningSettings? settings = null)
    {
        var requests = Requests(count);
        var responses = await model.ActAsync(requests, default).ConfigureAwait(false);
        return Lesson(requests, responses, Seed(), advantage, settings);
    }

    /// <summary>The same, of answers that there are.</summary>
    public static LearningBatch Lesson(
        IReadOnlyList<ModelRequest> requests, IReadOnlyList<ModelResponse> responses, ulong seed, Func<int, double>? advantage = null, LearningSettings? settings = null)
    {
        var experiences = requests.Zip(responses)
            .Select((turn, i) => new Experience(turn.First.Observation, turn.Second, i % 2, advantage is null ? (i % 2 == 0 ? 1.25 : -0.75) : advantage(i)));
        return new([.. experiences], settings ?? new() { LearningRate = 0.01, Passes = 2 }, seed);
    }

    /// <summary>Plays and learns, if the model can.</summary>
    public async Task TrainAsync(IModel model, int updates = 1)
    {
        for (var update = 0; update < updates && model.Description.Trainable; update++)
            await model.LearnAsync(await PlayAsync(model).ConfigureAwait(false), default).ConfigureAwait(false);
    }

    /// <summary>The same updates for several models.</summary>
    public async Task TrainAlikeAsync(int updates, params IModel[] models)
    {
        for (var update = 0; update < updates && models[0].Description.Trainable; update++)
        {
            var batch = await PlayAsync(models[0]).ConfigureAwait(false);
            foreach (var model in models)
                await model.LearnAsync(batch, default).ConfigureAwait(false);
        }
    }

    /// <summary>Fails unless two sets of bits are the same.</summary>
    public void ExpectBits(ModelBits expected, ModelBits found, string what)
    {
        if (expected.Difference(found) is { } difference)
            throw Violated($"{what} to be the same to the bit", difference);
    }

    /// <summary>Fails unless answers are the same, with the probabilities of their actions.</summary>
    public void ExpectAnswers(IReadOnlyList<ModelResponse> expected, IReadOnlyList<ModelResponse> found, string what) =>
        ExpectList([.. expected.Select(Words)], [.. found.Select(Words)], what);

    public static string Words(ModelResponse? response) =>
        response is null ? "nothing" : $"'{response.Text}' by actions {string.Join(' ', response.Actions.IsDefault ? [] : response.Actions)} of log-probabilities "
            + string.Join(' ', response.LogProbabilities.IsDefault ? [] : response.LogProbabilities.Select(value => $"{value:R}"));
}
