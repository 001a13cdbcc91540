namespace GuidePassages.Sections;

internal static class ResumeTraining
{
    public static async Task RunAsync()
    {
        await using (var first = await MultiModelTrainer.CreateAsync(MultiModelConfig.Default("Training:MaxEpisodes=2")))
            await first.TrainAsync();

        #region
        var config = MultiModelConfig.Default("Training:MaxEpisodes=4", "Training:LearningRate=0.0005"); // the run had 2 and 0.0007
        await using var trainer = await MultiModelTrainer.CreateAsync(config);
        trainer.Notice += Console.WriteLine; // Going on from checkpoint '…' at episode 2. Changed since …: Training:MaxEpisodes 2 → 4, …
        var result = await trainer.TrainAsync();
        #endregion

        Check.That(result is { Outcome: TrainingOutcome.Finished, Episode: 4 });
        Check.That(trainer.Checkpoints.Select(saved => saved.Episode).SequenceEqual([4L, 2]));
    }
}
