namespace GuidePassages.Sections;

internal static class SaveCheckpoint
{
    public static async Task RunAsync()
    {
        #region
        var config = MultiModelConfig.Default("Training:MaxEpisodes=4", "Checkpoints:SaveInterval=100");
        await using var trainer = await MultiModelTrainer.CreateAsync(config);
        trainer.EpisodeCompleted += episode =>
        {
            if (episode.Progress.Episode == 2)
                _ = trainer.SaveCheckpointAsync(); // while training: at the next boundary, which is this one's
        };
        await trainer.TrainAsync();
        var saved = await trainer.SaveCheckpointAsync(final: true); // while not: now
        #endregion

        Check.That(saved is { Episode: 4, Final: true });
        Check.That(trainer.Checkpoints.Select(checkpoint => checkpoint.Episode).SequenceEqual([4L, 4, 2]));
        Check.That(trainer.Checkpoints[2].Tags is ["manual"]);
    }
}
