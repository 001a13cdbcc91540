using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CoreSrl.EndToEnd.Tests.BadInput;
using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.EndToEnd.Tests.Checkpoints;

/// <summary><c>srl verify</c>: what it says and how it ends.</summary>
public sealed partial class VerifyTests(TrainedDirectory trained) : IClassFixture<TrainedDirectory>
{
    [Fact]
    public async Task Whole_checkpoints_are_ok()
    {
        using var run = trained.Copy();
        foreach (var all in (string[][])[["verify", "--dir", "checkpoints/small"], ["verify", "--all", "--config", "run.json"]])
            Match((await Srl.RunAsync(run.Path, all)).Succeeded().Output, run);
        var one = (await Srl.RunAsync(run.Path, "verify", run.Ids[1], "--config", "run.json")).Succeeded();
        Assert.Matches($"^ok +{run.Ids[1]} .*\n1 verified, whole.\n$", one.Output);
        Assert.Empty(one.Error);
    }

    [Fact]
    public async Task Damage_is_named_and_the_newest_whole_one_too()
    {
        using var run = trained.Copy();
        run.Flip($"{run.Ids[0]}/lora_weights/lora_1.pt");
        File.Delete(run.At($"{run.Ids[0]}/optimizer_state/model_0_qwen3.safetensors"));
        run.Flip($"{run.Ids[2]}/metadata.json");
        var result = await Srl.RunAsync(run.Path, "verify", "--config", "run.json");
        Assert.Equal((3, ""), (result.ExitCode, result.Error));
        Match(result.Output, run);
    }

    [Fact]
    public async Task Json_is_one_document_with_a_verdict_for_each()
    {
        using var run = trained.Copy();
        var whole = (await Srl.RunAsync(run.Path, "verify", "--all", "--config", "run.json", "--json")).Succeeded();
        Assert.Equal(run.Ids.Select(id => $$"""{"id":"{{id}}","ok":true,"problems":[]}"""), Verdicts(whole).Select(verdict => verdict!.ToJsonString()));

        run.Flip($"{run.Ids[1]}/model_weights/model_2_qwen3.json");
        var damaged = await Srl.RunAsync(run.Path, "verify", "--config", "run.json", "--json");
        Assert.Equal(3, damaged.ExitCode);
        Assert.Equal([true, false, true], Verdicts(damaged).Select(verdict => (bool)verdict!["ok"]!));
        Assert.StartsWith("model_weights/model_2_qwen3.json has the digest ", (string?)Assert.Single(Verdicts(damaged)[1]!["problems"]!.AsArray()), StringComparison.Ordinal);

        var one = await Srl.RunAsync(run.Path, "verify", run.Ids[1], "--config", "run.json", "--json");
        Assert.Equal(3, one.ExitCode);
        Assert.True(JsonNode.DeepEquals(Verdicts(damaged)[1], Assert.Single(Verdicts(one))));
    }

    [Fact]
    public async Task Damaged_base_weights_damage_every_checkpoint_that_stands_on_them()
    {
        using var run = trained.Copy();
        run.Flip(run.BaseWeights);
        var result = await Srl.RunAsync(run.Path, "verify", "--config", "run.json");
        Assert.Equal(3, result.ExitCode);
        Match(result.Output, run);
    }

    [Fact]
    public async Task Metadata_that_is_gone_is_told()
    {
        using var run = trained.Copy();
        var ids = run.Ids;
        File.Delete(run.At($"{ids[0]}/metadata.json"));
        var result = await Srl.RunAsync(run.Path, "verify", "--config", "run.json");
        Assert.Equal(3, result.ExitCode);
        Match(result.Output, run);
        Assert.Equal(3, (await Srl.RunAsync(run.Path, "verify", ids[0], "--config", "run.json")).ExitCode);
    }

    [Fact]
    public async Task Nothing_to_verify_is_no_error()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("empty"));
        var result = (await Srl.RunAsync(folder.Path, "verify", "--dir", "empty")).Succeeded();
        Assert.Equal($"{folder.File("empty")} holds no checkpoint.\n", result.Output);
        Assert.Equal("[]\n", (await Srl.RunAsync(folder.Path, "verify", "--dir", "empty", "--json")).Succeeded().Output);
    }

    [Fact]
    public async Task An_unknown_checkpoint_suggests_the_nearest()
    {
        using var run = trained.Copy();
        await Refusal.CheckInAsync(run.Path, $"verify {run.Ids[0].Replace("final", "fnial", StringComparison.Ordinal)} --dir checkpoints/small");
    }

    [Fact]
    public async Task One_checkpoint_and_all_do_not_go_together()
    {
        using var run = trained.Copy();
        await Refusal.CheckInAsync(run.Path, $"verify {run.Ids[0]} --all --dir checkpoints/small");
    }

    [Fact]
    public Task A_missing_directory_is_named() => Refusal.CheckAsync("verify --dir nowhere");

    [Fact]
    public Task An_unknown_option_suggests_the_nearest() => Refusal.CheckAsync("verify --al --json");

    private static JsonArray Verdicts(SrlResult result) => JsonNode.Parse(result.Output)!.AsArray();

    private static void Match(string text, TrainedCopy run, [CallerMemberName] string test = "", [CallerFilePath] string sourceFile = "") =>
        Snapshots.Match(Size().Replace(text, "{size}"), run.Path, test, sourceFile);

    [GeneratedRegex(@"\d+\.\d [KM]iB")]
    private static partial Regex Size();
}
