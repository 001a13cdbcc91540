namespace CoreSrl.EndToEnd.Tests.BadInput;

/// <summary>The text of a configuration, from each of its layers.</summary>
public class ConfigurationTests
{
    [Fact]
    public Task Broken_JSON_is_told_with_line_and_column() => Refusal.CheckAsync("train run.json", new()
    {
        ["run.json"] = """
            {
              "Training": { "MaxEpisodes": 3 },
              "Models" [ ]
            }
            """,
    });

    [Fact]
    public Task A_list_is_no_configuration() => Refusal.CheckAsync("train run.json", new() { ["run.json"] = "[ 1 ]" });

    [Fact]
    public Task A_key_that_stands_twice_is_refused() =>
        Refusal.CheckAsync("train run.json", new() { ["run.json"] = """{ "Training": { "Seed": 3, "seed": 4 } }""" });

    [Fact]
    public Task An_unknown_section_in_a_file_suggests_the_nearest() =>
        Refusal.CheckAsync("train run.json", new() { ["run.json"] = Configurations.With(""" "Chekpoints": { "SaveInterval": 5 } """) });

    [Fact]
    public Task An_unknown_key_in_a_setting_suggests_the_nearest() => Refusal.CheckAsync("train --set Training:MaxEpisode=3");

    [Fact]
    public Task An_unknown_key_in_an_environment_variable_names_the_variable() =>
        Refusal.CheckAsync("train", environment: new() { ["SRL_Checkpoints__SaveIntervall"] = "3" });

    [Fact]
    public Task Every_value_out_of_range_is_told_at_once() => Refusal.CheckAsync(
        "train --set Training:MaxEpisodes=0 --set Training:Discount=2 --set Training:Passes=-1 --set Checkpoints:SaveInterval=-1");

    [Fact]
    public Task Every_value_of_the_wrong_type_is_told_at_once() => Refusal.CheckAsync(
        "train --set Training:MaxEpisodes=many --set Training:Seed=-1 --set Training:Discount=nan --set Training:Threads:x=1 --set Checkpoints=here --set Plugins:Directories=x");

    [Fact]
    public Task An_unknown_enum_value_suggests_the_nearest() => Refusal.CheckAsync("train --set Training:Mode=mixd");

    [Fact]
    public Task A_number_is_no_enum_value() => Refusal.CheckAsync("train --set Training:WeightUpdates=1");

    [Fact]
    public Task Keeping_no_checkpoint_is_refused() => Refusal.CheckAsync("train --set Checkpoints:MaxCheckpoints=0");

    [Fact]
    public Task The_last_of_several_settings_for_one_key_wins() =>
        Refusal.CheckAsync("train --set Training:Seed=1 --set Training:Seed=last --dir one --set Checkpoints:Directory=two");

    [Fact]
    public Task An_unknown_way_to_resume_suggests_the_nearest() => Refusal.CheckAsync("train --set Checkpoints:Resume=frsh");

    [Fact]
    public Task A_run_name_that_cannot_be_part_of_a_file_name_is_refused() => Refusal.CheckAsync("train --set Training:RunName=a/b");

    [Fact]
    public Task A_checkpoint_name_without_its_episode_is_refused() => Refusal.CheckAsync("train --set Checkpoints:Name={run}_{tme}");

    [Fact]
    public Task A_checkpoint_name_that_two_could_get_is_refused() => Refusal.CheckAsync("train --set Checkpoints:Name={run}_{episode}_{timestamp:yyyyMMdd}");

    [Fact]
    public Task Two_models_with_one_id_are_refused() => Refusal.CheckAsync("train --set Models:1:Id=model_0_qwen3");

    [Fact]
    public Task A_model_id_that_leaves_its_folder_is_refused() => Refusal.CheckAsync("train --set Models:1:Id=../model");

    [Fact]
    public Task No_models_are_refused_with_an_example() =>
        Refusal.CheckAsync("train run.json", new() { ["run.json"] = """{ "Environment": { "Use": "coop-compete" } }""" });

    [Fact]
    public Task A_missing_plugin_name_is_told() =>
        Refusal.CheckAsync("train run.json", new() { ["run.json"] = """{ "Models": [ { "Id": "one" } ] }""" });

    [Fact]
    public Task A_plugin_name_alone_is_no_section() => Refusal.CheckAsync("train --set Environment=coop-compete --set Checkpoints:Policies=milestone");

    [Fact]
    public Task One_policy_is_no_list_of_policies() => Refusal.CheckAsync("train --set Checkpoints:Policies:Use=milestone");

    [Fact]
    public Task A_group_size_must_divide_the_games() => Refusal.CheckAsync("train --set Training:GroupSize=3");
}
