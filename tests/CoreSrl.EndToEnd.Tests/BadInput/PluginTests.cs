namespace CoreSrl.EndToEnd.Tests.BadInput;

/// <summary>Plugins that are not there, do not fit or cannot be created, and their options.</summary>
public class PluginTests
{
    private const string TestPlugins = "--set Plugins:Directories:0={plugins}";

    [Theory]
    [InlineData("environment", "Environment:Use=coop-compet")]
    [InlineData("backend", "Models:0:Use=torch-lra")]
    [InlineData("storage", "Checkpoints:Storage:Use=locale")]
    [InlineData("policy", "Checkpoints:Policies:0:Use=milestones")]
    [InlineData("metadata", "Checkpoints:Metadata:0:Use=clok")]
    public Task An_unknown_plugin_suggests_the_nearest(string contract, string setting) =>
        Refusal.CheckAsync($"train {TestPlugins} --set {setting}", test: $"An_unknown_{contract}_suggests_the_nearest");

    [Fact]
    public Task Every_unknown_plugin_is_told_at_once() =>
        Refusal.CheckAsync("train --set Environment:Use=chess --set Models:2:Use=gpt --set Checkpoints:Metadata:0:Use=weather");

    [Fact]
    public Task A_plugin_directory_that_does_not_exist_is_told_with_where_it_was_looked_for() =>
        Refusal.CheckAsync("train --set Plugins:Directories:0=my-plugins");

    [Fact]
    public Task A_plugin_for_a_newer_API_level_is_told_with_both_levels() =>
        Refusal.CheckAsync($"train {TestPlugins} --set Checkpoints:Policies:0:Use=newer-api");

    [Fact]
    public Task A_plugin_for_an_older_API_level_is_told_with_both_levels() =>
        Refusal.CheckAsync($"train {TestPlugins} --set Checkpoints:Policies:0:Use=older-api");

    [Fact]
    public Task A_plugin_without_an_API_level_is_refused() =>
        Refusal.CheckAsync($"train {TestPlugins} --set Checkpoints:Policies:0:Use=no-api-level");

    [Fact]
    public Task A_plugin_whose_constructor_throws_is_told_with_its_own_words() =>
        Refusal.CheckAsync($"train {TestPlugins} --set Checkpoints:Policies:0:Use=unborn");

    [Fact]
    public Task An_unknown_plugin_option_suggests_the_nearest() => Refusal.CheckAsync("train --set Models:1:LoraRnak=4");

    [Fact]
    public Task An_option_of_a_plugin_without_options_is_refused() =>
        Refusal.CheckAsync($"train {TestPlugins} --set Checkpoints:Metadata:0:Use=greeting --set Checkpoints:Metadata:0:Language=fr");

    [Fact]
    public Task Only_a_model_has_an_id() => Refusal.CheckAsync("train --set Environment:Id=arena");

    [Fact]
    public Task A_required_plugin_option_is_asked_for() =>
        Refusal.CheckAsync($"train {TestPlugins} --set Checkpoints:Policies:0:Use=milestone");

    [Fact]
    public Task Wrong_options_of_several_plugins_are_told_at_once() => Refusal.CheckAsync(
        $"train {TestPlugins} --set Environment:Rounds=0 --set Models:0:LoraAlpha=0 --set Models:1:LoraDropout=1 "
        + "--set Checkpoints:Policies:0:Use=milestone --set Checkpoints:Policies:0:Episodes:0=first");

    [Fact]
    public Task What_is_wrong_in_a_nested_list_of_policies_is_told_with_its_full_path() => Refusal.CheckAsync("train run.json", new()
    {
        ["run.json"] = Configurations.With("""
            "Checkpoints": { "Policies": [ { "Use": "any-of", "Policies": [ { "Use": "intervall" }, { "Use": "every-seconds", "Seconds": -1 } ] } ] }
            """),
    });

    [Fact]
    public Task Model_options_that_contradict_each_other_are_all_told() => Refusal.CheckAsync(
        "train --set Models:0:Heads=3 --set Models:0:KeyValueHeads=2 --set Models:0:HeadDim=3 --set Models:1:Device=gpu --set Models:2:TargetModules:0=query");

    [Fact]
    public Task A_CUDA_device_that_does_not_exist_is_told() => Refusal.CheckAsync("train --set Models:0:Device=cuda:99");

    [Fact]
    public Task An_environment_that_cannot_seat_the_models_is_told_with_both_numbers() =>
        Refusal.CheckAsync("train run.json", new() { ["run.json"] = Configurations.Questions(""" "Mode": "race" """) });

    [Fact]
    public Task A_broken_file_of_questions_is_told_with_its_line() => Refusal.CheckAsync("train run.json", new()
    {
        ["run.json"] = Configurations.Questions(""" "File": "questions.jsonl" """),
        ["questions.jsonl"] = """
            {"prompt": "1+1=", "answer": "2"}
            {"prompt": "1+2=", "answr": "3"}
            """,
    });

    [Fact]
    public Task A_missing_file_of_questions_is_told_with_its_full_path() =>
        Refusal.CheckAsync("train run.json", new() { ["run.json"] = Configurations.Questions(""" "File": "questions.jsonl" """) });

    [Fact]
    public Task Gradients_of_models_of_different_shapes_cannot_be_averaged() =>
        Refusal.CheckAsync("train --set Training:WeightUpdates=synchronized --set Models:1:Layers=1 --set Models:2:Layers=3");
}
