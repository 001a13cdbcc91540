namespace GuidePassages.Sections;

internal static class LoadCheckpointMetadata
{
    public static async Task RunAsync()
    {
        var config = MultiModelConfig.Default("Training:MaxEpisodes=2");
        await using (var trainer = await MultiModelTrainer.CreateAsync(config))
            await trainer.TrainAsync();

        #region
        await using var directory = await CheckpointDirectory.OpenAsync(config);
        var record = await directory.Manager.DescribeAsync(directory.Manager.Choose("latest").Id);
        Console.WriteLine($"Episode: {record.Saved.Episode}");
        Console.WriteLine($"Timestamp: {record.Saved.Timestamp}");
        Console.WriteLine($"Models: {string.Join(", ", record.Document["model_states"]!.AsObject().Select(state => state.Key))}");
        Console.WriteLine($"Global metrics: {record.Document["global_metrics"]}");
        #endregion

        Check.That(record.Saved is { Episode: 2, Final: true });
    }
}
