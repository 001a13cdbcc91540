namespace CoreSrl.EndToEnd.Tests.Guide;

/// <summary>"Checkpoint Naming": a template for the names, and another one later in the same directory.</summary>
public sealed class CheckpointNamingTests
{
    [Fact]
    public async Task Names_follow_their_template_and_order_final_and_resume_do_not_follow_the_names()
    {
        using var run = new GuideRun(4, """ "SaveInterval": 2, "Name": "{mode}_{models}models_ep_{episode:0000}_{timestamp:yyyyMMdd-HHmmss}_{metric:avg_reward:F3}" """);
        await run.TrainAsync();
        var resumed = await run.TrainAsync("Training:MaxEpisodes=8", "Checkpoints:Name=a-{timestamp}.{episode}");
        Assert.Contains("Going on from checkpoint 'final_mixed_2models_ep_0004_", resumed.Output, StringComparison.Ordinal);

        var listed = await run.ListAsync();
        Assert.Equal([8, 6, 4, 2], listed.Select(entry => (int)entry["episode"]!));
        Assert.Equal([true, false, true, false], listed.Select(entry => (bool)entry["final"]!));
        Assert.Matches(@"^final_a-\d{10}\.8$", (string)listed[0]["id"]!);
        Assert.Matches(@"^a-\d{10}\.6$", (string)listed[1]["id"]!);
        Assert.Matches(@"^final_mixed_2models_ep_0004_\d{8}-\d{6}_-?\d\.\d{3}$", (string)listed[2]["id"]!);
        Assert.Matches(@"^mixed_2models_ep_0002_\d{8}-\d{6}_-?\d\.\d{3}$", (string)listed[3]["id"]!);
    }
}
