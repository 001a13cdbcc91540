namespace GuidePassages.Sections;

internal static class CheckpointNaming
{
    public static async Task RunAsync()
    {
        #region
        var config = MultiModelConfig.Default("Training:MaxEpisodes=2", "Checkpoints:Name=qwen3_vs_gpt4o_ep_{episode:000}_{timestamp}");
        await using var trainer = await MultiModelTrainer.CreateAsync(config);
        Console.WriteLine((await trainer.TrainAsync()).Checkpoint!.Id); // final_qwen3_vs_gpt4o_ep_002_…
        #endregion

        Check.That(trainer.Checkpoints[0].Id.StartsWith("final_qwen3_vs_gpt4o_ep_002_", StringComparison.Ordinal));
    }
}
