namespace GuidePassages.Sections;

internal static class PerformanceComparison
{
    public static async Task RunAsync()
    {
        await using var trainer = await MultiModelTrainer.CreateAsync(MultiModelConfig.Default(
            "Training:MaxEpisodes=3", "Checkpoints:SaveInterval=1", "Checkpoints:Directory=./checkpoints/compared"));
        await trainer.TrainAsync();

        #region
        await using var directory = await CheckpointDirectory.OpenAsync(MultiModelConfig.Default("Checkpoints:Directory=./checkpoints/compared"));
        var newest = directory.Manager.Checkpoints.Take(10).Reverse().Select(saved => saved.Id);
        var comparison = await CheckpointComparison.ReadAsync(directory.Manager, newest);
        foreach (var (checkpoint, change) in comparison.OfAllModels())
            Console.WriteLine($"episode {checkpoint.Saved.Episode}: reward {checkpoint.AverageReward:F3} ({change:+0.000;-0.000})");

        var progress = RunProgress.Of(directory.Manager.Checkpoints, "avg_reward"); // for a chart of one's own
        foreach (var curve in progress.Curves)
            Console.WriteLine($"{curve.Name ?? "all models"}: {string.Join(", ", curve.Points.Select(point => $"{point.Checkpoint.Episode} {point.Value:F3}"))}");
        #endregion

        Check.That(comparison.Checkpoints.Select(checkpoint => checkpoint.Saved.Episode).SequenceEqual([1L, 2, 3]));
        Check.That(progress.Curves.Count == 4);
    }
}
