namespace GuidePassages.Sections;

internal static class SaveFrequency
{
    public static async Task RunAsync()
    {
        #region
        var config = MultiModelConfig.Default("Training:MaxEpisodes=6", "Checkpoints:SaveInterval=2");
        await using var trainer = await MultiModelTrainer.CreateAsync(config);
        await trainer.TrainAsync();
        Console.WriteLine(string.Join(", ", trainer.Checkpoints.Select(saved => saved.Episode))); // 6, 4, 2
        #endregion

        Check.That(trainer.Checkpoints.Select(saved => saved.Episode).SequenceEqual([6L, 4, 2]));
    }
}
