using System.Text.Json.Nodes;
using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.EndToEnd.Tests.Guide;

/// <summary>"Load Checkpoint Metadata": episode, timestamp, models and metrics of one.</summary>
public sealed class LoadCheckpointMetadataTests(DefaultRun run) : IClassFixture<DefaultRun>
{
    [Fact]
    public async Task The_command_shows_what_the_guide_prints()
    {
        var metadata = JsonNode.Parse((await Srl.RunAsync(run.Folder, "show", run.Ids[0], "--json")).Succeeded().Output)!;
        Assert.Equal(200, (int)metadata["episode"]!);
        Assert.Equal(DateTimeKind.Utc, DateTime.Parse((string)metadata["timestamp"]!, null, System.Globalization.DateTimeStyles.RoundtripKind).ToUniversalTime().Kind);
        Assert.Equal(["model_0_qwen3", "model_1_qwen3", "model_2_qwen3"], metadata["model_states"]!.AsObject().Select(state => state.Key));
        Assert.Contains("avg_reward", metadata["global_metrics"]!.AsObject().Select(metric => metric.Key));

        var shown = (await Srl.RunAsync(run.Folder, "show", run.Ids[0])).Succeeded().Output;
        foreach (var text in (ReadOnlySpan<string>)[run.Ids[0], "200", "model_1_qwen3", "avg_reward", "training is finished"])
            Assert.Contains(text, shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("latest", 0)]
    [InlineData("final", 0)]
    [InlineData("episode:100", 2)]
    public async Task What_it_is_may_stand_for_its_id(string choice, int index)
    {
        foreach (var command in (string[][])[["show", choice], ["verify", choice], ["compare", choice], ["export", choice, "--model", "model_0_qwen3", "--format", "peft", "--out", choice.Replace(':', '-')]])
            Assert.Contains(run.Ids[index], (await Srl.RunAsync(run.Folder, [.. command, "--json"])).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_not_there_is_told_with_the_nearest()
    {
        var result = await Srl.RunAsync(run.Folder, "show", run.Ids[1] + "0");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"Did you mean '{run.Ids[1]}'?", result.Error, StringComparison.Ordinal);
    }
}
