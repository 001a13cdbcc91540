using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace Company.SrlPlugin;

/// <summary>
/// A softmax over preferences, one for each pair of a prompt and an answer, which learn by the gradient of the policy:
/// <c>h(b) += α A (1[b = a] − π(b))</c> for every answer b, with a the one given, A its advantage and α the learning rate.
/// </summary>
/// <remarks>Williams 1992, "Simple statistical gradient-following algorithms for connectionist reinforcement learning", Machine
/// Learning 8; for preferences, Sutton and Barto 2018, "Reinforcement Learning", section 2.8. Pairs share a preference where their
/// hashes meet.</remarks>
internal sealed class SrlFooModel : IModel
{
    private readonly SrlFooOptions _options;
    private readonly Table _preferences;
    private long _updates;

    public SrlFooModel(SrlFooOptions options, ulong seed)
    {
        _options = options;
        _preferences = new("preferences", options.Preferences);
        var random = new SeededRandom(seed);
        foreach (ref var preference in _preferences.Values)
            preference = (float)(0.01 * random.NextDouble());
        Tensors = [_preferences];
        Description = new() { Kind = "srl-foo", Architecture = new() { [nameof(options.Preferences)] = options.Preferences } };
    }

    public ModelDescription Description { get; }

    public IReadOnlyList<StateTensor> Tensors { get; }

    public ValueTask<IReadOnlyList<ModelResponse>> ActAsync(IReadOnlyList<ModelRequest> requests, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IReadOnlyList<ModelResponse>>([.. requests.Select(Answer)]);
    }

    public ValueTask<LearningReport> LearnAsync(LearningBatch batch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var settings = batch.Settings;
        var (loss, entropy, squares) = (0.0, 0.0, 0.0);
        for (var pass = 0; pass < settings.Passes; pass++)
        {
            (loss, entropy, squares) = (0, 0, 0);
            foreach (var (observation, response, _, advantage) in batch.Experiences)
            {
                var answers = AnswersTo(observation);
                var probabilities = Probabilities(observation.Prompt, answers);
                var given = response.Actions[0];
                loss -= advantage * Math.Log(probabilities[given]);
                entropy += Entropy(probabilities);
                for (var answer = 0; answer < answers.Count; answer++)
                {
                    var gradient = advantage * ((answer == given ? 1 : 0) - probabilities[answer]);
                    squares += gradient * gradient;
                    _preferences.Values[PlaceOf(observation.Prompt, answers[answer])] += (float)(settings.LearningRate * gradient);
                }
            }
        }

        _updates++;
        var count = batch.Experiences.Count;
        return ValueTask.FromResult(new LearningReport { PolicyLoss = loss / count, Entropy = entropy / count, GradientNorm = Math.Sqrt(squares) / count });
    }

    public JsonObject CaptureState() => new() { ["updates"] = _updates };

    public void RestoreState(JsonObject state)
    {
        if (state["updates"] is not JsonValue value || !value.TryGetValue(out long updates))
            throw new FormatException("The state has no number 'updates': it is another kind of model's.");
        _updates = updates;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private ModelResponse Answer(ModelRequest request)
    {
        var answers = AnswersTo(request.Observation);
        var probabilities = Probabilities(request.Observation.Prompt, answers);
        var drawn = new SeededRandom(request.Seed).NextDouble();
        var answer = 0;
        for (; answer < answers.Count - 1 && (drawn -= probabilities[answer]) >= 0; answer++)
        {
        }

        return new(answers[answer], [answer], [(float)Math.Log(probabilities[answer])], Entropy(probabilities));
    }

    private IReadOnlyList<string> AnswersTo(Observation observation) => observation.Choices.IsEmpty ? _options.Words : observation.Choices;

    private double[] Probabilities(string prompt, IReadOnlyList<string> answers)
    {
        var preferences = answers.Select(answer => (double)_preferences.Values[PlaceOf(prompt, answer)]).ToArray();
        var highest = preferences.Max();
        var weights = Array.ConvertAll(preferences, preference => Math.Exp(preference - highest));
        var sum = weights.Sum();
        return Array.ConvertAll(weights, weight => Math.Max(weight / sum, 1e-30));
    }

    private static double Entropy(double[] probabilities) => -probabilities.Sum(probability => probability * Math.Log(probability));

    // FNV-1a (Fowler, Noll and Vo, RFC 9923): the same in every process, unlike string.GetHashCode.
    private int PlaceOf(string prompt, string answer)
    {
        var hash = 14695981039346656037UL;
        foreach (var text in new[] { prompt, "\0", answer })
        {
            foreach (var character in text)
                hash = (hash ^ character) * 1099511628211UL;
        }

        return (int)(hash % (ulong)_options.Preferences);
    }
}
