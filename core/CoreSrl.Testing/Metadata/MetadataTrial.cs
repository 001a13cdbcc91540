using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>One rule of metadata contributors on trial.</summary>
internal sealed class MetadataTrial(ConformanceRule rule, Func<IMetadataContributor> create, MetadataConformanceOptions options)
    : PluginTrial<IMetadataContributor>(rule, create, options)
{
    public MetadataConformanceOptions Options => options;

    /// <summary>The episodes of a run.</summary>
    public IReadOnlyList<EpisodeSummary> Run() => Episodes(1, options.Episodes, options.Models);

    /// <summary>Episodes of a run, from one on.</summary>
    public IReadOnlyList<EpisodeSummary> Episodes(long first, int count, int models)
    {
        List<EpisodeSummary> episodes = [];
        var states = Enumerable.Range(0, models).Select(index => new ModelState { ModelId = $"model_{index}", TotalReward = first - 1, EpisodeCount = first - 1 }).ToList();
        for (var episode = first; episode < first + count; episode++)
        {
            states = states.ConvertAll(Play);
            episodes.Add(new(Progress(episode, states), states.AsReadOnly())
            {
                Answers = [.. states.Select(_ => new Dictionary<string, long> { ["yes"] = Random.Next(8), ["no"] = Random.Next(1, 8), [$"word {Random.Next(100)}"] = 1 })],
            });
        }

        return episodes;
    }

    /// <summary>Episodes that a run should never have, whose rewards and metrics are no numbers, infinite or larger than can be added.</summary>
    public IEnumerable<EpisodeSummary> OddEpisodes(long first) =>
        from pair in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.MaxValue, double.MinValue }.Zip(Episodes(first, 5, Math.Max(2, options.Models)))
        select pair.Second with
        {
            Progress = pair.Second.Progress with { Metrics = pair.Second.Progress.Metrics.ToDictionary(metric => metric.Key, _ => pair.First) },
            Models = [.. pair.Second.Models.Select(model => model with
            {
                LastReward = pair.First,
                TotalReward = pair.First,
                CooperationSum = pair.First,
                LastUpdate = new() { PolicyLoss = pair.First, Entropy = pair.First, GradientNorm = pair.First },
            })],
        };

    /// <summary>What a contributor gives, as the engine takes it; nothing when it throws.</summary>
    public static IReadOnlyDictionary<string, JsonNode?> Values(IMetadataContributor contributor, EpisodeSummary episode)
    {
        try
        {
            return contributor.Contribute(episode) ?? new Dictionary<string, JsonNode?>();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new Dictionary<string, JsonNode?>();
        }
    }

    /// <summary>What of it must be the same for the same run, in words.</summary>
    public string Words(IMetadataContributor contributor, EpisodeSummary episode) =>
        string.Join(", ", Values(contributor, episode)
            .Where(value => !options.Varies(value.Key))
            .OrderBy(value => value.Key, StringComparer.Ordinal)
            .Select(value => $"{value.Key} = {(Numbers.AreFinite(value.Value) ? value.Value?.ToJsonString() ?? "null" : "no number")}"));

    /// <summary>Fails when a contributor throws.</summary>
    public void ExpectValues(IMetadataContributor contributor, EpisodeSummary episode, string when)
    {
        try
        {
            contributor.Contribute(episode);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw Violated($"no error {when}", $"at episode {episode.Progress.Episode} there was {Tell(e)}", e);
        }
    }

    private ModelState Play(ModelState model)
    {
        var (reward, won) = (Random.NextDouble(), Random.Next(3));
        return model with
        {
            EpisodeCount = model.EpisodeCount + 1,
            TotalReward = model.TotalReward + reward,
            LastReward = reward,
            WinCount = model.WinCount + (won > 1 ? 1 : 0),
            GameCount = model.GameCount + 8,
            GameWinCount = model.GameWinCount + won,
            CooperationSum = model.CooperationSum + (reward * 32),
            CooperationCount = model.CooperationCount + 32,
            UpdateCount = model.UpdateCount + 1,
            LastUpdate = new() { PolicyLoss = reward - 0.5, Entropy = reward, ClipFraction = reward / 2, GradientNorm = reward * 2 },
        };
    }

    private static TrainingProgress Progress(long episode, List<ModelState> models)
    {
        var average = models.Select(model => model.AverageReward).DefaultIfEmpty().Average();
        return new()
        {
            Episode = episode,
            MaxEpisodes = long.MaxValue,
            EnvironmentSteps = episode * 32,
            Elapsed = TimeSpan.FromSeconds(episode * 1.5),
            HeldUp = TimeSpan.FromMilliseconds(episode),
            Metrics = TrainerMetrics.Names.Concat(models.Select(model => $"avg_reward/{model.ModelId}")).ToDictionary(name => name, _ => average),
        };
    }
}
