namespace GuidePassages.Sections;

internal static class CheckpointAwareTrainingLoop
{
    public static async Task RunAsync()
    {
        var cancel = new CancellationTokenSource();
        var config = MultiModelConfig.Default("Training:MaxEpisodes=3");
        await TrainAsync(cancel.Token);
        await using var directory = await CheckpointDirectory.OpenAsync(config);
        Check.That((await directory.Manager.VerifyAsync(directory.Manager.Choose("final").Id)).IsWhole);

        async Task TrainAsync(CancellationToken interrupted)
        {
            #region
            await using var trainer = await MultiModelTrainer.CreateAsync(config, cancellationToken: interrupted);
            try
            {
                var result = await trainer.TrainAsync(interrupted); // goes on by itself where there is something to go on from
                Console.WriteLine(result.Outcome == TrainingOutcome.Interrupted
                    ? $"Training interrupted - checkpoint saved: {result.Checkpoint?.Id}"
                    : $"Training completed. Final checkpoint: {result.Checkpoint!.Id}, {(result.Verified ? "verified" : "not verified")}");
            }
            catch (TrainingFailedException e)
            {
                Console.WriteLine(e.Message); // what failed, and the emergency checkpoint that was saved
                throw;
            }
            #endregion
        }
    }
}
