using System.Text.Json;
using CoreSrl.Abstractions;
using CoreSrl.Plugins.ChatModels.Asking;

namespace CoreSrl.Plugins.ChatModels.Learning;

/// <summary>
/// What a model remembers of its plays: of each situation the answers and their returns. The best answer of a situation, if it did
/// better than the others there, is an example for later requests.
/// </summary>
/// <remarks>
/// Learning in context from rewards: Monea et al. 2024, "LLMs Are In-Context Bandit Reinforcement Learners", arXiv:2410.05362. As there,
/// only what was rewarded is shown, and each example is left out at random now and then, so that other answers are tried.
/// </remarks>
/// <param name="maxTokens">The most tokens that it may have, as estimated.</param>
internal sealed class PlayMemory(int maxTokens)
{
    // Keeps sums of returns finite, whatever rewards a game gives.
    private const double LargestReturn = 1e12;

    // In the order in which they were met.
    private List<Situation> _situations = [];
    private Dictionary<string, int> _places = [];

    /// <summary>The situations, as a copy.</summary>
    public IReadOnlyList<Situation> Situations => [.. _situations];

    /// <summary>Forgets everything but this.</summary>
    /// <exception cref="FormatException">It is no memory.</exception>
    public void Restore(IReadOnlyList<Situation> situations)
    {
        if (situations.Any(situation => situation?.IsSound != true) || situations.DistinctBy(KeyOf).Count() < situations.Count)
            throw new FormatException("The memory of a chat player holds a situation twice, or one with counts that cannot be.");
        _situations = [.. situations];
        Index();
    }

    /// <summary>Takes plays in, and forgets what there is no room for.</summary>
    public void Learn(IEnumerable<Experience> experiences)
    {
        if (maxTokens == 0)
            return;
        foreach (var (observation, response, gained, _) in experiences)
        {
            if (string.IsNullOrWhiteSpace(response.Text) || !double.IsFinite(gained)) // No server takes a blank message.
                continue;
            if (Message.Estimate(Prompts.Prompt.Of(observation)) + Message.Estimate(response.Text) > maxTokens)
                continue;
            var key = KeyOf(observation.Prompt, observation.Choices.IsDefault ? [] : observation.Choices);
            if (!_places.TryGetValue(key, out var place))
            {
                place = _places[key] = _situations.Count;
                _situations.Add(new(observation.Prompt, observation.Choices.IsDefault ? [] : [.. observation.Choices], 0, 0, []));
            }

            _situations[place] = _situations[place].With(response.Text, Math.Clamp(gained, -LargestReturn, LargestReturn));
        }

        Forget();
    }

    /// <summary>The examples for a request, as messages: those of other situations by how much better they did, the best last, and
    /// behind them that of its own.</summary>
    /// <param name="observation">What is asked.</param>
    /// <param name="seed">Decides which examples are left out.</param>
    /// <param name="exploration">The share that is.</param>
    public IEnumerable<Message> Examples(Observation observation, ulong seed, double exploration)
    {
        var random = new SeededRandom(seed);
        var shown = new List<(Situation Situation, string Answer, double Margin)>();
        foreach (var situation in _situations)
        {
            if (situation.Best() is var (answer, margin) && random.NextDouble() >= exploration)
                shown.Add((situation, answer.Text, margin));
        }

        var own = KeyOf(observation.Prompt, observation.Choices.IsDefault ? [] : observation.Choices);
        return shown.OrderBy(example => KeyOf(example.Situation) == own).ThenBy(example => example.Margin)
            .SelectMany(example => new Message[] { new("user", Prompts.Prompt.Of(example.Situation.ToObservation())), new("assistant", example.Answer) });
    }

    // Forgotten are first the answers that are no examples, then the examples that did least better than the others there; of equals the
    // older. A situation without answers is forgotten as a whole.
    private void Forget()
    {
        var tokens = _situations.Sum(TokensOf);
        if (tokens <= maxTokens)
            return;
        var least = _situations
            .Select((situation, place) => (Situation: situation, Place: place, situation.Best()?.Answer))
            .SelectMany(entry => entry.Situation.Answers.Select(answer => (entry.Place, Answer: answer, IsBest: answer == entry.Answer, Margin: entry.Situation.MarginOf(answer))))
            .OrderBy(candidate => candidate.IsBest).ThenBy(candidate => candidate.Margin).ThenBy(candidate => candidate.Place).ToList();
        foreach (var (place, answer, _, _) in least.TakeWhile(_ => tokens > maxTokens))
        {
            var before = _situations[place];
            _situations[place] = before with { Answers = [.. before.Answers.Where(other => other.Text != answer.Text)] };
            tokens += TokensOf(_situations[place]) - TokensOf(before);
        }

        _situations.RemoveAll(situation => situation.Answers.Count == 0);
        Index();
    }

    private void Index() => _places = _situations.Index().ToDictionary(entry => KeyOf(entry.Item), entry => entry.Index);

    // What it takes as an example; further answers of a situation take their own tokens besides.
    private static long TokensOf(Situation situation) => situation.Answers.Count == 0 ? 0
        : Message.Estimate(Prompts.Prompt.Of(situation.ToObservation())) + situation.Answers.Sum(answer => Message.Estimate(answer.Text));

    private static string KeyOf(Situation situation) => KeyOf(situation.Prompt, situation.Choices);

    private static string KeyOf(string prompt, IEnumerable<string> choices) => JsonSerializer.Serialize(choices.Prepend(prompt));
}
