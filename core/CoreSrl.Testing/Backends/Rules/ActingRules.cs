using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>Playing.</summary>
internal static class ActingRules
{
    private const int Many = 40;

    public static IEnumerable<Rule<BackendTrial>> All { get; } =
    [
        new("answers-in-order", "Each request is answered, in order; where there are choices, by one of them to the letter.", InOrderAsync),
        new("any-number-of-requests", "One request can be answered, and many at once.", AnyNumberAsync),
        new("answers-are-whole", "An answer has a text, and for each action the finite logarithm of a probability; its entropy is finite and not negative.", AreWholeAsync),
        new("acting-is-deterministic", "The same requests get the same answers, from the same model and from another of the same context.", IsDeterministicAsync),
        new("seeds-are-of-one-answer", "A request's seed decides its own answer and no other.", SeedsAreOfOneAnswerAsync),
        new("acting-changes-nothing", "Playing changes no tensor and no state.", ChangesNothingAsync),
        new("any-prompt-is-read", "Any text can be a prompt: an empty one, a long one, one of strange characters.", AnyPromptAsync),
        new("any-choices-are-taken", "Any texts can be choices: a single one, many, ones that begin alike, ones of strange characters.", AnyChoicesAsync),
    ];

    private static async Task InOrderAsync(BackendTrial trial)
    {
        var model = await trial.CreateModelAsync(trial.Seed()).ConfigureAwait(false);
        // More than many a model answers in one go, and each with choices of its own, so that no answer can be taken for another's.
        var requests = trial.Options.Observations is not null ? trial.Requests(Many) : Enumerable.Range(0, Many)
            .Select(i => new ModelRequest(new($"{new string('.', trial.Random.Next(20))} Answer {i}: ", $"yes {i}", $"no {i}"), trial.Seed()))
            .Concat(trial.Requests()).ToList();
        foreach (var (request, response) in requests.Zip(await model.ActAsync(requests, default).ConfigureAwait(false)))
        {
            var choices = request.Observation.Choices;
            trial.Expect(
                choices.IsDefaultOrEmpty || choices.Contains(response.Text, StringComparer.Ordinal),
                $"an answer to '{request.Observation.Prompt}' of '{string.Join("', '", choices.IsDefault ? [] : choices)}'", $"it was '{response.Text}'");
        }
    }

    private static async Task AnyNumberAsync(BackendTrial trial)
    {
        foreach (var count in new[] { 1, 2, 200 })
            await AreAnsweredAsync(trial, trial.Requests(count), $"{count} requests").ConfigureAwait(false);
    }

    private static async Task AreAnsweredAsync(BackendTrial trial, IReadOnlyList<ModelRequest> requests, string what)
    {
        var model = await trial.CreateModelAsync(trial.Seed()).ConfigureAwait(false);
        try
        {
            trial.ExpectSame(requests.Count, (await model.ActAsync(requests, default).ConfigureAwait(false)).Count, $"the number of answers to {what}");
        }
        catch (Exception e) when (e is not (ConformanceException or OutOfMemoryException))
        {
            throw trial.Violated($"answers to {what}", $"there was {trial.Tell(e)}", e);
        }
    }

    private static async Task AreWholeAsync(BackendTrial trial)
    {
        var model = await trial.CreateModelAsync(trial.Seed()).ConfigureAwait(false);
        foreach (var response in await model.ActAsync(trial.Requests(), default).ConfigureAwait(false))
        {
            trial.Expect(response?.Text is not null, "an answer with a text", "it was null");
            trial.Expect(
                !response!.Actions.IsDefault && !response.LogProbabilities.IsDefault,
                "lists of actions and log-probabilities; empty ones are some", $"one was not initialised in the answer '{response.Text}'");
            trial.ExpectSame(response.Actions.Length, response.LogProbabilities.Length, $"the number of log-probabilities of the answer '{response.Text}'");
            trial.Expect(
                response.LogProbabilities.All(value => float.IsFinite(value) && value <= 1e-3f),
                $"logarithms of probabilities of the answer '{response.Text}', finite and not above 0", $"they were {string.Join(", ", response.LogProbabilities)}");
            trial.Expect(double.IsFinite(response.Entropy) && response.Entropy >= -1e-3, "a finite entropy of at least 0", $"it was {response.Entropy}");
        }
    }

    private static async Task IsDeterministicAsync(BackendTrial trial)
    {
        var (model, twin) = await trial.TwinsAsync().ConfigureAwait(false);
        for (var i = 0; i < 3; i++)
        {
            var requests = trial.Requests();
            var first = await model.ActAsync(requests, default).ConfigureAwait(false);
            trial.ExpectList(Words(first), Words(await model.ActAsync(requests, default).ConfigureAwait(false)), "the same model's answers when asked again");
            trial.ExpectList(Words(first), Words(await twin.ActAsync(requests, default).ConfigureAwait(false)), "the answers of another model of the same context");
        }
    }

    private static IReadOnlyList<string> Words(IReadOnlyList<ModelResponse> responses) =>
        [.. responses.Select(response => $"{BackendTrial.Words(response)} and entropy {response?.Entropy:R}")];

    private static async Task SeedsAreOfOneAnswerAsync(BackendTrial trial)
    {
        var model = await trial.CreateModelAsync(trial.Seed()).ConfigureAwait(false);
        for (var i = 0; i < 4; i++)
        {
            var requests = trial.Requests();
            var one = trial.Random.Next(requests.Count);
            var others = requests.Select((request, index) => index == one ? request : request with { Seed = trial.Seed() }).ToList();
            var (first, again) = (await model.ActAsync(requests, default).ConfigureAwait(false), await model.ActAsync(others, default).ConfigureAwait(false));
            if (one < Math.Min(first.Count, again.Count))
                trial.ExpectSame(first[one]?.Text, again[one]?.Text, $"answer {one} after the seeds of all others were changed");
        }
    }

    private static async Task ChangesNothingAsync(BackendTrial trial)
    {
        var model = await trial.CreateModelAsync(trial.Seed()).ConfigureAwait(false);
        await trial.TrainAsync(model).ConfigureAwait(false);
        var before = ModelBits.Of(model);
        for (var i = 0; i < 5; i++)
            await model.ActAsync(trial.Requests(), default).ConfigureAwait(false);
        trial.ExpectBits(before, ModelBits.Of(model), "a model that has played");
    }

    private static async Task AnyPromptAsync(BackendTrial trial)
    {
        if (trial.Options.Observations is not null)
            return;
        foreach (var prompt in new[] { "", " ", "\n", "äöü ß 漢字 🙂", "\0\u0001\u200b", "<|endoftext|></s>[INST]", new string('x', 5_000), string.Concat(Enumerable.Repeat("word ", 1_000)) })
        {
            ModelRequest[] requests = [new(new(prompt), trial.Seed()), new(new(prompt, "yes", "no"), trial.Seed()), new(new("short: "), trial.Seed())];
            await AreAnsweredAsync(trial, requests, $"the prompt '{(prompt.Length <= 60 ? prompt : prompt[..60] + "…")}' of {prompt.Length} characters").ConfigureAwait(false);
        }
    }

    private static async Task AnyChoicesAsync(BackendTrial trial)
    {
        if (trial.Options.Observations is not null)
            return;
        foreach (var choices in new string[][]
        {
            ["the only one"], ["a", "ab", "abc", "abcd"], ["yes", "Yes", "YES", " yes"], ["\n", " ", "\t"], ["äöü", "漢字", "🙂", "🙂🙂"], [new('x', 500), "y"],
            [.. Enumerable.Range(0, 60).Select(number => $"number {number}")],
        })
        {
            var requests = Enumerable.Range(0, 8).Select(_ => new ModelRequest(new("Which? ", [.. choices]), trial.Seed())).ToList();
            await AreAnsweredAsync(trial, requests, $"{choices.Length} choices such as '{choices[0][..Math.Min(60, choices[0].Length)]}'").ConfigureAwait(false);
        }
    }
}
