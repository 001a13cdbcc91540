using CoreSrl.Plugins.LocalStorage;

namespace GuidePassages.Sections;

internal static class StorageManagement
{
    public static async Task RunAsync()
    {
        await SizeAsync();
        await PruneAsync();
    }

    private static async Task SizeAsync()
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

    private static async Task PruneAsync()
    {
        await using (var trainer = await MultiModelTrainer.CreateAsync(MultiModelConfig.Default("Training:MaxEpisodes=6", "Checkpoints:SaveInterval=1")))
            await trainer.TrainAsync();

        #region
        await using var run = await CheckpointManager.OpenAsync(LocalStorage.In("checkpoints/multimodel"));
        var report = await run.PruneAsync(new PruneOptions
        {
            Keep = [new KeepLastPolicy(new() { Count = 2 }), new KeepBestPolicy(new() { Metric = "avg_reward" })],
        });
        Console.WriteLine($"{report.Removed.Count} removed, {report.BytesFreed / 1024} KiB freed, {report.Left} left.");
        #endregion

        Check.That(report.Left is 3 or 4);
        Check.That(report.Left == run.Checkpoints.Count && report.Left + report.Removed.Count == 6);
    }
}
