namespace GuidePassages.Sections;

internal static class AutomaticRecovery
{
    public static async Task RunAsync()
    {
        var settings = new[] { "Training:MaxEpisodes=4", "Checkpoints:SaveInterval=2" };
        await using (var trainer = await MultiModelTrainer.CreateAsync(MultiModelConfig.Default(settings)))
        {
            await trainer.TrainAsync();
            await File.AppendAllTextAsync(Path.Combine(trainer.CheckpointLocation, trainer.Checkpoints[0].Id, "training_state.json"), " ");
        }

        var said = new List<string>();
        await TrainAsync();
        Check.That(said.Exists(line => line.Contains("It is set aside; trying the one before it.", StringComparison.Ordinal)));
        Check.That(said.Exists(line => line.EndsWith("at episode 2.", StringComparison.Ordinal)));

        async Task TrainAsync()
        {
            #region
            await using var trainer = await MultiModelTrainer.CreateAsync(MultiModelConfig.Default(settings));
            trainer.Notice += said.Add; // which checkpoint was damaged, and which one is gone on from
            await trainer.TrainAsync();
            #endregion
        }
    }
}
