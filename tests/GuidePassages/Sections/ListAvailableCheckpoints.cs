namespace GuidePassages.Sections;

internal static class ListAvailableCheckpoints
{
    public static async Task RunAsync()
    {
        var config = MultiModelConfig.Default("Training:MaxEpisodes=4", "Checkpoints:SaveInterval=2");
        await using (var trainer = await MultiModelTrainer.CreateAsync(config))
            await trainer.TrainAsync();

        #region
        await using var directory = await CheckpointDirectory.OpenAsync(config);
        foreach (var saved in directory.Manager.Checkpoints)
            Console.WriteLine($"{saved.Id}: episode {saved.Episode}, reward {saved.Metrics["avg_reward"]:F3}, {saved.SizeBytes} bytes");
        #endregion

        Check.That(directory.Manager.Checkpoints.Select(saved => saved.Episode).SequenceEqual([4L, 2]));
    }
}
