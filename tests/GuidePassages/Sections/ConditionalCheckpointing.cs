namespace GuidePassages.Sections;

internal static class ConditionalCheckpointing
{
    public static async Task RunAsync()
    {
        #region
        var config = MultiModelConfig.Default(
            "Training:MaxEpisodes=8", "Checkpoints:SaveInterval=0", "Checkpoints:Policies:0:Use=conditional-best", "Checkpoints:Policies:0:Metric=avg_reward");
        await using var trainer = await MultiModelTrainer.CreateAsync(config);
        trainer.CheckpointSaved += saved => Console.WriteLine($"{saved.Id}: {saved.Metrics["avg_reward"]:F3}");
        await trainer.TrainAsync();
        var best = trainer.Checkpoints.First(saved => saved.Tags.Contains("best:avg_reward"));
        #endregion

        Check.That(trainer.Checkpoints.Where(saved => !saved.Final).All(saved => saved.Tags.Contains("best")));
        Check.That(trainer.Checkpoints.All(saved => saved.Metrics["avg_reward"] <= best.Metrics["avg_reward"]));
    }
}
