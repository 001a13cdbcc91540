using CoreSrl.Plugins.LocalStorage;

namespace GuidePassages.Sections;

internal static class BackupStrategy
{
    public static async Task RunAsync()
    {
        await using (var trainer = await MultiModelTrainer.CreateAsync(MultiModelConfig.Default("Training:MaxEpisodes=4", "Checkpoints:SaveInterval=2")))
            await trainer.TrainAsync();

        #region
        await using var run = await CheckpointManager.OpenReadOnlyAsync(LocalStorage.In("checkpoints/multimodel"));
        var final = run.Checkpoints.Where(saved => saved.Final).Select(saved => saved.Id).ToList();
        var report = await run.CopyToAsync(LocalStorage.In("backup/checkpoints"), final);
        Console.WriteLine($"Copied {report.Copied.Count}, already there {report.AlreadyThere.Count}.");
        #endregion

        Check.That(report.Copied.Count == 1);

        #region
        await using var backup = await CheckpointManager.OpenReadOnlyAsync(LocalStorage.In("backup/checkpoints"));
        await backup.CopyToAsync(LocalStorage.In("checkpoints/brought-back"), [backup.Checkpoints[0].Id]);
        #endregion

        await using var broughtBack = await CheckpointManager.OpenReadOnlyAsync(LocalStorage.In("checkpoints/brought-back"));
        Check.That((await broughtBack.VerifyAsync(final[0])).IsWhole);
    }
}
