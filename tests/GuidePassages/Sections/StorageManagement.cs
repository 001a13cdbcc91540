using CoreSrl.Plugins.LocalStorage;

namespace GuidePassages.Sections;

internal static class StorageManagement
{
    public static async Task RunAsync()
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
