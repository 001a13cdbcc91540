using System.Text.Json.Nodes;
using CoreSrl.Configuration;
using CoreSrl.Training;

namespace CoreSrl.Tests.Training;

/// <summary>Going on with another configuration: what is refused, and what is applied, recorded and told.</summary>
public sealed class ConfigChangeTests
{
    /// <summary>Every option of <c>Training</c> that may change within a run, with another value than the trial's.</summary>
    private static readonly Dictionary<string, (string From, string To)> Applied = new()
    {
        ["MaxEpisodes"] = ("10", "12"),
        ["Mode"] = ("\"mixed\"", "\"cooperative\""),
        ["CooperationStrength"] = ("0.5", "0.25"),
        ["CompetitionIntensity"] = ("0.1", "0.5"),
        ["WeightUpdates"] = ("\"asynchronous\"", "\"federated\""),
        ["UpdateFrequency"] = ("1", "3"),
        ["GamesPerEpisode"] = ("2", "4"),
        ["GroupSize"] = ("0", "2"),
        ["MaxStepsPerGame"] = ("1000", "1"),
        ["Discount"] = ("1", "0.5"),
        ["LearningRate"] = ("0.05", "0.01"),
        ["LearningRateSchedule"] = ("\"constant\"", "\"cosine\""),
        ["WarmupEpisodes"] = ("0", "3"),
        ["ScaleAdvantages"] = ("true", "false"),
        ["LossAggregation"] = ("\"answer\"", "\"action\""),
        ["ClipRange"] = ("0.2", "0.1"),
        ["ClipRangeHigh"] = ("null", "0.28"),
        ["KlCoefficient"] = ("0", "0.04"),
        ["EntropyCoefficient"] = ("0.01", "0"),
        ["MaxGradientNorm"] = ("1", "2"),
        ["Passes"] = ("2", "1"),
    };

    private static readonly Dictionary<string, string> Refused = new() { ["RunName"] = "other", ["Seed"] = "8", ["Threads"] = "2" };

    public static TheoryData<string> AppliedOptions => [.. Applied.Keys];

    public static TheoryData<string> RefusedOptions => [.. Refused.Keys];

    [Fact]
    public void Of_every_training_option_it_is_decided_whether_it_may_change() => Assert.Equal(
        typeof(TrainingOptions).GetProperties().Select(property => property.Name).Order(StringComparer.Ordinal),
        Applied.Keys.Concat(Refused.Keys).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(AppliedOptions))]
    public async Task A_training_option_that_may_change_is_applied_recorded_and_told(string option)
    {
        using var trial = new Trial();
        await trial.TrainUntilAsync(6);
        var (from, to) = Applied[option];
        var result = await trial.TrainAsync($"Training:{option}={to.Trim('"')}");
        Assert.Equal(TrainingOutcome.Finished, result.Outcome);
        var metadata = trial.Read(result.Checkpoint, "metadata.json");
        Assert.Equal($$"""[{"episode":6,"option":"Training:{{option}}","from":{{from}},"to":{{to}}}]""", metadata["config_changes"]!.ToJsonString());
        Assert.Equal(to, metadata["config"]!["training"]![System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(option)]!.ToJsonString());
        Assert.Equal($"Changed since that checkpoint, and recorded: Training:{option} {(from == "null" ? "none" : from.Trim('"'))} → {to.Trim('"')}.", trial.Notices[^1]);
    }

    [Theory]
    [MemberData(nameof(RefusedOptions))]
    public async Task A_training_option_on_which_the_run_rests_is_refused_with_both_values(string option)
    {
        using var trial = new Trial();
        await trial.TrainUntilAsync(4);
        var error = await Assert.ThrowsAsync<ConfigurationException>(() => trial.TrainAsync($"Training:{option}={Refused[option]}"));
        Assert.StartsWith($"Training:{option} is ", error.Message, StringComparison.Ordinal);
        Assert.Contains(Refused[option], error.Message, StringComparison.Ordinal);
        Assert.Contains(option switch { "RunName" => "'trial'", "Seed" => "began with 7", _ => "began with 1" }, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Checkpoints:SaveInterval=3", "Checkpoints:SaveInterval 4 → 3")]
    [InlineData("Checkpoints:MaxCheckpoints=2", "Checkpoints:MaxCheckpoints -1 → 2")]
    [InlineData("Checkpoints:Name={run}-{episode:D4}-{timestamp}", "Checkpoints:Name {run}_ep_{episode}_{timestamp} → {run}-{episode:D4}-{timestamp}")]
    [InlineData("Checkpoints:WhenBusy=skip", "Checkpoints:WhenBusy wait → skip")]
    [InlineData("Checkpoints:MaxQueuedBytes=1000", "Checkpoints:MaxQueuedBytes 0 → 1000")]
    [InlineData("Checkpoints:Asynchronous=false", "Checkpoints:Asynchronous true → false")]
    [InlineData("Checkpoints:VerifyFinal=false", "Checkpoints:VerifyFinal true → false")]
    [InlineData("Checkpoints:RetryFor=00:00:05", "Checkpoints:RetryFor 00:02:00 → 00:00:05")]
    [InlineData("Checkpoints:Policies:0:Use=test-policy", "Checkpoints:Policies:0 none → test-policy")]
    [InlineData("Environment:Rounds=3", "Environment:Rounds 2 → 3")]
    [InlineData("Models:1:LoseStateAtStep=1000", "Models:1:LoseStateAtStep 0 → 1000")]
    public async Task Other_options_that_may_change_are_told_too(string setting, string told)
    {
        using var trial = new Trial();
        await trial.TrainUntilAsync(6);
        await trial.TrainAsync(setting);
        Assert.Equal($"Changed since that checkpoint, and recorded: {told}.", trial.Notices[^1]);
    }

    [Fact]
    public async Task Where_the_checkpoints_lie_and_how_a_start_begins_is_no_change_of_the_run()
    {
        using var trial = new Trial();
        await trial.TrainUntilAsync(6);
        var result = await trial.TrainAsync("Checkpoints:Resume=latest", $"Checkpoints:Directory={trial.Folder}/../checkpoints");
        Assert.Single(trial.Notices);
        Assert.Empty(trial.Read(result.Checkpoint, "metadata.json")["config_changes"]!.AsArray());
    }

    [Theory]
    [InlineData("Environment:Use=other-game", "Environment:Use is 'other-game', but the run uses 'test-game' (checkpoint '")]
    [InlineData("Models:2:Use=other-model", "Models:2:Use is 'other-model', but the run uses 'test-model' (checkpoint '")]
    [InlineData("Models:1:Width=7", "Models:1:Width: 7 does not fit checkpoint '")]
    [InlineData("Models:3:Id=d", "Models: checkpoint '")]
    public async Task Another_environment_another_backend_and_other_models_are_refused(string setting, string beginning)
    {
        using var trial = new Trial();
        await trial.TrainUntilAsync(4);
        var error = await Assert.ThrowsAsync<ConfigurationException>(() => trial.TrainAsync([setting, .. setting.StartsWith("Models:3", StringComparison.Ordinal) ? ["Models:3:Use=test-model"] : Array.Empty<string>()]));
        Assert.StartsWith(beginning, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_add_up_from_start_to_start_and_a_branch_has_only_its_own()
    {
        using var trial = new Trial();
        await trial.TrainUntilAsync(4);
        await trial.TrainUntilAsync(6, "Training:LearningRate=0.01");
        var result = await trial.TrainAsync("Training:LearningRate=0.02", "Training:MaxEpisodes=12");
        Assert.Equal(
            """[{"episode":4,"option":"Training:LearningRate","from":0.05,"to":0.01},{"episode":6,"option":"Training:MaxEpisodes","from":10,"to":12},{"episode":6,"option":"Training:LearningRate","from":0.01,"to":0.02}]""",
            trial.Read(result.Checkpoint, "metadata.json")["config_changes"]!.ToJsonString());
        var branch = await trial.TrainAsync("Checkpoints:Resume=episode:4");
        Assert.Empty(trial.Read(branch.Checkpoint, "metadata.json")["config_changes"]!.AsArray());
    }

    [Fact]
    public async Task A_run_that_changes_an_option_at_an_episode_is_exact_whenever_it_is_stopped_after()
    {
        using var once = new Trial();
        await once.TrainUntilAsync(4);
        var expected = once.Content((await once.TrainAsync("Training:LearningRate=0.01", "Training:GamesPerEpisode=4")).Checkpoint);
        using var twice = new Trial();
        await twice.TrainUntilAsync(4);
        await twice.TrainUntilAsync(7, "Training:LearningRate=0.01", "Training:GamesPerEpisode=4");
        var result = await twice.TrainAsync("Training:LearningRate=0.01", "Training:GamesPerEpisode=4");
        Assert.Equal(expected, twice.Content(result.Checkpoint));
        Assert.Equal(2, twice.Read(result.Checkpoint, "metadata.json")["config_changes"]!.AsArray().Count);
    }

    [Fact]
    public void An_option_that_one_version_does_not_know_was_changed_by_nobody()
    {
        var before = JsonNode.Parse("""{"training":{"old":1,"kept":2},"checkpoints":{"policies":[{"use":"a","x":1}]}}""")!.AsObject();
        var now = JsonNode.Parse("""{"training":{"new":1,"kept":3},"checkpoints":{"policies":[{"use":"a","y":1},{"use":"b"}]}}""")!.AsObject();
        Assert.Equal(["Training:Kept 2 → 3", "Checkpoints:Policies:1 none → b"], ConfigChange.Find(5, before, now).Select(change => change.ToString()));
    }
}
