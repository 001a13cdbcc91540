using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>The values that a checkpoint gets.</summary>
internal static class ValueRules
{
    public static IEnumerable<Rule<MetadataTrial>> All { get; } =
    [
        new("values-are-given", "A contributor always gives a dictionary of values; an empty one is one.", AreGiven),
        new("values-are-json", "Every value is the same when it is read back from a checkpoint.", AreJson),
        new("numbers-are-finite", "Numbers are finite, whatever the rewards were; a value that is not defined is left out.", NumbersAreFinite),
        new("names-are-plain", "Names are single lines without white space around them.", NamesArePlain),
        new("names-are-free", "No name is one of the trainer's own.", NamesAreFree),
        new("same-run-same-values", "Two contributors that see the same run give the same values, but for those that a clock decides.", SameRunSameValues),
        new("memory-is-captured", "What a contributor gives does not depend on earlier episodes, unless what it remembers of them travels in checkpoints.", MemoryIsCaptured),
        new("summaries-stay-as-they-are", "A contributor changes nothing that it is given.", SummariesStay),
    ];

    private static void AreGiven(MetadataTrial trial)
    {
        var contributor = trial.Create();
        foreach (var episode in trial.Run())
        {
            try
            {
                trial.Expect(contributor.Contribute(episode) is not null, $"values at episode {episode.Progress.Episode}", "there was null");
            }
            catch (Exception e) when (e is not (ConformanceException or OutOfMemoryException))
            {
                // Other rules say where none may be.
            }
        }
    }

    private static void AreJson(MetadataTrial trial)
    {
        foreach (var (episode, name, value) in AllValues(trial, trial.Run()))
        {
            if (!Numbers.AreFinite(value))
                continue;
            try
            {
                // As deep as it lies in metadata.json.
                var read = JsonNode.Parse("{\"global_metrics\":{\"name\":" + (value?.ToJsonString() ?? "null") + "}}")!["global_metrics"]!["name"];
                trial.Expect(
                    JsonNode.DeepEquals(value, read),
                    $"'{name}' at episode {episode} to be the same when it is read back", $"it was {value?.ToJsonString()}, and then {read?.ToJsonString()}");
            }
            catch (Exception e) when (e is not (ConformanceException or OutOfMemoryException))
            {
                throw trial.Violated($"'{name}' at episode {episode} to be written and read back", $"there was {trial.Tell(e)}", e);
            }
        }
    }

    private static void NumbersAreFinite(MetadataTrial trial)
    {
        foreach (var (episode, name, value) in AllValues(trial, [.. trial.Run(), .. trial.OddEpisodes(trial.Options.Episodes + 1)]))
            trial.Expect(Numbers.AreFinite(value), $"'{name}' to be left out where it is not a finite number", $"at episode {episode} it is none");
    }

    private static void NamesArePlain(MetadataTrial trial)
    {
        foreach (var (episode, name, _) in AllValues(trial, trial.Run()))
        {
            trial.Expect(
                !string.IsNullOrWhiteSpace(name) && name == name.Trim() && name.Length <= 200 && !name.Any(char.IsControl),
                "a name of one line, at most 200 characters and no white space around them", $"at episode {episode} one was '{name}'");
        }
    }

    private static void NamesAreFree(MetadataTrial trial)
    {
        var contributor = trial.Create();
        foreach (var episode in trial.Run())
        {
            var taken = MetadataTrial.Values(contributor, episode).Keys.FirstOrDefault(episode.Progress.Metrics.ContainsKey);
            trial.Expect(taken is null, "a name that the trainer has not taken", $"at episode {episode.Progress.Episode} '{taken}' is its own, so the value is left out");
        }
    }

    private static void SameRunSameValues(MetadataTrial trial)
    {
        var (one, two) = (trial.Create(), trial.Create());
        foreach (var episode in trial.Run())
        {
            trial.ExpectSame(
                trial.Words(one, episode),
                trial.Words(two, episode), $"what another contributor gives at episode {episode.Progress.Episode} of the same run");
        }
    }

    private static void MemoryIsCaptured(MetadataTrial trial)
    {
        var seasoned = trial.Create();
        foreach (var episode in trial.Run())
        {
            if (seasoned is IStatefulPlugin)
                return; // Held to the rules of its state.
            var (values, fresh, another) = (trial.Words(seasoned, episode), trial.Words(trial.Create(), episode), trial.Words(trial.Create(), episode));
            if (fresh == another)
                trial.ExpectSame(values, fresh, $"what a contributor that begins at episode {episode.Progress.Episode} gives there");
        }
    }

    private static void SummariesStay(MetadataTrial trial)
    {
        var contributor = trial.Create();
        foreach (var episode in trial.Run())
        {
            // Lists and dictionaries that could be changed, and copies of what was in them.
            List<ModelState> models = [.. episode.Models];
            var metrics = new Dictionary<string, double>(episode.Progress.Metrics);
            List<IReadOnlyDictionary<string, long>> answers = [.. episode.Answers.Select(counts => new Dictionary<string, long>(counts))];
            MetadataTrial.Values(contributor, new(episode.Progress with { Metrics = metrics }, models) { Answers = answers });
            trial.Expect(models.SequenceEqual(episode.Models), "the list of models to stay as it is", $"it was changed at episode {episode.Progress.Episode}");
            trial.Expect(
                metrics.OrderBy(Key).SequenceEqual(episode.Progress.Metrics.OrderBy(Key)),
                "the metrics to stay as they are", $"they were changed at episode {episode.Progress.Episode}");
            trial.Expect(
                answers.Count == episode.Answers.Count && answers.Zip(episode.Answers).All(pair => pair.First.OrderBy(Key).SequenceEqual(pair.Second.OrderBy(Key))),
                "the answers to stay as they are", $"they were changed at episode {episode.Progress.Episode}");
        }

        static string Key<T>(KeyValuePair<string, T> pair) => pair.Key;
    }

    private static IEnumerable<(long Episode, string Name, JsonNode? Value)> AllValues(MetadataTrial trial, IReadOnlyList<EpisodeSummary> episodes)
    {
        var contributor = trial.Create();
        return episodes.SelectMany(episode => MetadataTrial.Values(contributor, episode).Select(value => (episode.Progress.Episode, value.Key, value.Value)));
    }
}
