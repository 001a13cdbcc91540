namespace GuidePassages.Sections;

internal static class StorageManagement
{
    public static async Task RunAsync()
    {
        await using var trainer = await MultiModelTrainer.CreateAsync(MultiModelConfig.Default(
            "Training:MaxEpisodes=3", "Checkpoints:SaveInterval=1", "Checkpoints:Directory=./checkpoints/sized"));
        await trainer.TrainAsync();

        #region
        var config = MultiModelConfig.Default("Checkpoints:Directory=./checkpoints/sized", "Checkpoints:MaxCheckpoints=1");
        await using var directory = await CheckpointDirectory.OpenWithPoliciesAsync(config);
        var usage = await directory.Manager.MeasureAsync();
        Console.WriteLine($"Checkpoints using {usage.TotalBytes / Math.Pow(1024, 3):F4} GiB, of which {usage.PrunableBytes} bytes could go");
        #endregion

        Check.That(usage.TotalBytes == Directory.GetFiles("checkpoints/sized", "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length));
        Check.That(usage.Prunable.SequenceEqual([directory.Manager.Checkpoints[2].Id]));
    }
}
