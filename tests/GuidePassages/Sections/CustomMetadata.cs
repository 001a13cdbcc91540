using System.Text.Json.Nodes;
using CoreSrl.Plugins;

namespace GuidePassages.Sections;

internal static class CustomMetadata
{
    public static async Task RunAsync()
    {
        #region
        var config = MultiModelConfig.Default("Training:MaxEpisodes=6", "Checkpoints:Metadata:0:Use=custom-metrics");
        await using var trainer = await MultiModelTrainer.CreateAsync(config);
        var saved = (await trainer.TrainAsync()).Checkpoint!;
        foreach (var name in new[] { "convergence_rate", "convergence_rate_error", "diversity_score", "training_efficiency", "training_efficiency_per_step" })
            Console.WriteLine($"{name} {saved.Metrics[name]:F4}");
        #endregion

        #region
        var own = new HostServices { PluginTypes = [typeof(SpreadOfRewards)] };
        var spread = MultiModelConfig.Default(
            "Training:MaxEpisodes=2", "Checkpoints:Directory=./spread", "Checkpoints:Metadata:0:Use=reward-spread");
        await using var trained = await MultiModelTrainer.CreateAsync(spread, own);
        Console.WriteLine((await trained.TrainAsync()).Checkpoint!.Metrics["reward_spread"]);
        #endregion

        Check.That(trained.Checkpoints[0].Metrics["reward_spread"] == trained.ModelStates.Max(model => model.LastReward) - trained.ModelStates.Min(model => model.LastReward));
    }
}

#region
[Plugin("reward-spread", Description = "How far apart the models' rewards are.")]
public sealed class SpreadOfRewards : IMetadataContributor
{
    public IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode) => new Dictionary<string, JsonNode?>
    {
        ["reward_spread"] = episode.Models.Max(model => model.LastReward) - episode.Models.Min(model => model.LastReward),
    };
}
#endregion
