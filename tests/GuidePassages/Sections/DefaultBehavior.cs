namespace GuidePassages.Sections;

internal static class DefaultBehavior
{
    public static async Task RunAsync()
    {
        #region
        var config = MultiModelConfig.Default(
            "Checkpoints:Directory=./checkpoints/multimodel",
            "Checkpoints:SaveInterval=100", // every 100 episodes
            "Checkpoints:MaxCheckpoints=10", // the last 10 stay
            "Training:MaxEpisodes=3");
        await using var trainer = await MultiModelTrainer.CreateAsync(config);
        var result = await trainer.TrainAsync(); // checkpoints are saved behind training, the last one is read back
        #endregion

        Check.That(result is { Outcome: TrainingOutcome.Finished, Verified: true });
        Check.That(trainer.Checkpoints is [{ Final: true, Episode: 3 }]);
        Check.That(Directory.Exists(Path.Combine("checkpoints/multimodel", trainer.Checkpoints[0].Id)));
    }
}
