namespace GuidePassages.Sections;

internal static class SelectiveRecovery
{
    public static async Task RunAsync()
    {
        await BranchAsync();
        await using var chosen = await MultiModelTrainer.CreateAsync(MultiModelConfig.Default("Training:MaxEpisodes=6", "Checkpoints:Resume=episode:2"));
        Check.That((await chosen.TrainAsync()).Outcome == TrainingOutcome.Finished);
        Check.That(chosen.Checkpoints.Count(saved => saved.Final) == 3);
    }

    private static async Task BranchAsync()
    {
        #region
        var config = MultiModelConfig.Default("Training:MaxEpisodes=6", "Checkpoints:SaveInterval=2");
        await using var trainer = await MultiModelTrainer.CreateAsync(config);
        await trainer.TrainAsync();

        await trainer.LoadCheckpointAsync("episode:4"); // or latest, best, best:avg_reward, final, or an id
        var branch = await trainer.TrainAsync();
        #endregion

        Check.That(branch is { Outcome: TrainingOutcome.Finished, Episode: 6 });
        Check.That(trainer.Checkpoints.Select(saved => saved.Episode).SequenceEqual([6L, 6, 4, 2]));
    }
}
