namespace GuidePassages.Sections;

internal static class ModelComparison
{
    public static async Task RunAsync()
    {
        await using var trainer = await MultiModelTrainer.CreateAsync(MultiModelConfig.Default("Training:MaxEpisodes=1", "Checkpoints:Directory=./checkpoints/models"));
        await trainer.TrainAsync();

        #region
        await using var directory = await CheckpointDirectory.OpenAsync(MultiModelConfig.Default("Checkpoints:Directory=./checkpoints/models"));
        var latest = CheckpointPerformance.Of(await directory.Manager.DescribeAsync(directory.Manager.Checkpoints[0].Id));
        foreach (var model in latest.Models)
            Console.WriteLine($"{model.ModelId}: reward={model.AverageReward:F3}, wins={model.WinRate:F3}, updates={model.UpdateCount}, cooperation={model.CooperationScore:F3}");
        #endregion

        Check.That(latest.Models.Select(model => model.AverageReward).SequenceEqual(trainer.ModelStates.Select(model => (double?)model.AverageReward)));
    }
}
