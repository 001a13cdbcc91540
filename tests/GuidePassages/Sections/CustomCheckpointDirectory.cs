namespace GuidePassages.Sections;

internal static class CustomCheckpointDirectory
{
    public static async Task RunAsync()
    {
        #region
        var config = MultiModelConfig.Default("Training:MaxEpisodes=2", "Checkpoints:Directory=./my_training/checkpoints");
        await using var trainer = await MultiModelTrainer.CreateAsync(config);
        var result = await trainer.TrainAsync();
        Console.WriteLine(Path.Combine(trainer.CheckpointLocation, result.Checkpoint!.Id)); // …/my_training/checkpoints/final_multimodel_ep_2_…
        #endregion

        Check.That(Directory.GetDirectories("my_training/checkpoints", "final_multimodel_ep_2_*").Length == 1);
        Check.That(result.Checkpoint.Final);
    }
}
