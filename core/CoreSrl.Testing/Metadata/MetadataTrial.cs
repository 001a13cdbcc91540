using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>One rule of metadata contributors on trial.</summary>
internal sealed class MetadataTrial(ConformanceRule rule, Func<IMetadataContributor> create, MetadataConformanceOptions options)
    : PluginTrial<IMetadataContributor>(rule, create, options)
{
    /// <summary>The episodes of a run.</summary>
    public IEnumerable<EpisodeSummary> Episodes()
    {
        var models = Enumerable.Range(0, options.Models).Select(index => new ModelState { ModelId = $"model_{index}" }).ToList();
        for (var episode = 1L; episode <= options.Episodes; episode++)
        {
            models = models.ConvertAll(model =>
            {
                var reward = Random.NextDouble();
                return model with { EpisodeCount = episode, GameCount = episode * 8, LastReward = reward, TotalReward = model.TotalReward + reward };
            });
            var progress = new TrainingProgress
            {
                Episode = episode,
                MaxEpisodes = options.Episodes,
                EnvironmentSteps = episode * 8,
                Elapsed = TimeSpan.FromSeconds(episode * 3),
                Metrics = new Dictionary<string, double> { ["avg_reward"] = models.Select(model => model.AverageReward).DefaultIfEmpty().Average() },
            };
            yield return new(progress, models)
            {
                Answers = [.. models.Select(_ => new Dictionary<string, long> { ["yes"] = Random.Next(8), ["no"] = Random.Next(1, 8) })],
            };
        }
    }
}
