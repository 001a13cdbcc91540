using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Testing.Tests.Memories;

namespace CoreSrl.Testing.Tests.Metadata;

/// <summary>For each rule a contributor that breaks just it, as a real one might.</summary>
internal static class BrokenContributors
{
    public static IReadOnlyDictionary<string, Func<IMetadataContributor>> ByRule { get; } = new Dictionary<string, Func<IMetadataContributor>>
    {
        ["values-are-given"] = () => new NullForNothing(),
        ["values-are-json"] = () => new DeepTree(),
        ["numbers-are-finite"] = () => new PlainMean(),
        ["names-are-plain"] = () => new NameOfTwoLines(),
        ["names-are-free"] = () => new OwnAverage(),
        ["same-run-same-values"] = () => new RandomSample(),
        ["memory-is-captured"] = () => new ForgetfulCounter(),
        ["summaries-stay-as-they-are"] = () => new SortsInPlace(),
        ["runs-without-errors"] = () => new EveryTenth(),
        ["first-episodes"] = () => new PerEarlierEpisode(),
        ["begins-midway"] = () => new IndexedByEpisode(),
        ["any-number-of-models"] = () => new AverageOfModels(),
        ["no-answers"] = () => new FavouriteAnswers(),
        ["rewards-that-are-no-numbers"] = () => new CountsInDecimals(),
        ["goes-on-after-a-failure"] = () => new PoisonedSum(),
        ["contributing-is-quick"] = () => new ComparesAllWithAll(),
    }
    .Concat(BrokenMemories.ByRule.Select(memory => KeyValuePair.Create(memory.Key, (Func<IMetadataContributor>)(() => new CountingContributor(memory.Value())))))
    .ToDictionary();

    private sealed class NullForNothing : GoodContributor
    {
        public override IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode) => episode.Progress.Episode < 10 ? null! : base.Contribute(episode);
    }

    private sealed class DeepTree : GoodContributor
    {
        public override IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode) =>
            With(episode, "tree", Enumerable.Range(0, 100).Aggregate((JsonNode)1, (inner, _) => new JsonArray(inner)));
    }

    private sealed class PlainMean : GoodContributor
    {
        public override IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode) =>
            With(episode, "mean", episode.Models.Select(model => model.LastReward).DefaultIfEmpty().Average());
    }

    private sealed class NameOfTwoLines : GoodContributor
    {
        public override IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode) => With(episode, "models\nnumber", episode.Models.Count);
    }

    private sealed class OwnAverage : GoodContributor
    {
        public override IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode) => With(episode, "avg_reward", 1);
    }

    private sealed class RandomSample : GoodContributor
    {
        public override IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode) => With(episode, "sample", Random.Shared.Next());
    }

    /// <summary>Its memory does not travel in checkpoints.</summary>
    private sealed class ForgetfulCounter : GoodContributor
    {
        private int _seen;

        public override IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode) => With(episode, "seen", ++_seen);
    }

    private sealed class SortsInPlace : GoodContributor
    {
        public override IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode)
        {
            (episode.Models as List<ModelState>)?.Sort((one, other) => other.LastReward.CompareTo(one.LastReward));
            return base.Contribute(episode);
        }
    }

    private sealed class EveryTenth : GoodContributor
    {
        public override IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode) => With(episode, "part", 100 / (episode.Progress.Episode % 10));
    }

    private sealed class PerEarlierEpisode : GoodContributor
    {
        public override IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode) =>
            With(episode, "per_episode", 1_000 / (episode.Progress.Episode - 1));
    }

    /// <summary>Believes that it has seen every episode.</summary>
    private sealed class IndexedByEpisode : GoodContributor, IStatefulPlugin
    {
        private List<string> _leaders = [];

        public override IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode)
        {
            _leaders.Add(episode.Models.MaxBy(model => model.TotalReward)?.ModelId ?? "");
            return With(episode, "leader_now", _leaders[(int)episode.Progress.Episode - 1]);
        }

        public JsonNode? CaptureState() => new JsonArray([.. _leaders.Select(leader => (JsonNode)leader)]);

        public void RestoreState(JsonNode? state) => _leaders = [.. state!.AsArray().Select(leader => (string)leader!)];
    }

    private sealed class AverageOfModels : GoodContributor
    {
        public override IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode) => With(episode, "games", episode.Models.Average(model => model.GameCount));
    }

    private sealed class FavouriteAnswers : GoodContributor
    {
        public override IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode) =>
            With(episode, "favourites", new JsonArray([.. episode.Models.Select((_, model) => (JsonNode)episode.Answers[model].MaxBy(answer => answer.Value).Key)]));
    }

    private sealed class CountsInDecimals : GoodContributor
    {
        public override IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode) =>
            With(episode, "rewards", new JsonArray([.. episode.Models.Select(model => (JsonNode)(decimal)model.LastReward)]));
    }

    /// <summary>NaN once is NaN for ever.</summary>
    private sealed class PoisonedSum : IMetadataContributor, IStatefulPlugin
    {
        private double _sum;

        public IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode)
        {
            _sum += episode.Models.Sum(model => model.LastReward);
            return double.IsFinite(_sum) ? new Dictionary<string, JsonNode?> { ["sum"] = _sum } : [];
        }

        public JsonNode? CaptureState() => _sum;

        public void RestoreState(JsonNode? state) => _sum = (double)state!;
    }

    private sealed class ComparesAllWithAll : GoodContributor
    {
        public override IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode)
        {
            var answers = episode.Answers.SelectMany(counts => counts.Keys).ToList();
            return With(episode, "alike", answers.Sum(one => answers.Count(other => other.Contains(one, StringComparison.OrdinalIgnoreCase))));
        }
    }
}
