using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.EndToEnd.Tests.BadInput;

/// <summary>What is typed after <c>srl</c>.</summary>
public class UsageTests
{
    [Fact]
    public Task An_unknown_command_suggests_the_nearest() => Refusal.CheckAsync("trian");

    [Fact]
    public Task An_unknown_option_suggests_the_nearest() => Refusal.CheckAsync("train --frsh");

    [Fact]
    public Task An_unknown_command_of_a_command_suggests_the_nearest() => Refusal.CheckAsync("plugins lst");

    [Fact]
    public Task An_unknown_option_of_a_commands_command_suggests_the_nearest() => Refusal.CheckAsync("plugins list --jsn");

    [Theory]
    [InlineData("srl: 'plugins' does nothing by itself: say which of list, add, remove, verify, lock.\n", "  list <name>  ", "plugins")]
    [InlineData("srl: 'srl' does nothing by itself: say which of train, list,", "Train:\n  train  ")]
    public async Task A_command_with_commands_asks_for_one_and_shows_them(string problem, string help, params string[] command)
    {
        using var folder = new TemporaryFolder();

        var result = await Srl.RunAsync(folder.Path, command);

        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith(problem, result.Error, StringComparison.Ordinal);
        Assert.Contains(help, result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("-here", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public Task An_unknown_option_behind_the_configuration_is_no_second_configuration() => Refusal.CheckAsync("train run.json --jsn");

    [Fact]
    public Task A_configuration_that_is_named_twice_is_refused() => Refusal.CheckAsync("list one.json --config two.json");

    [Fact]
    public Task A_URL_of_a_storage_that_there_is_not_suggests_the_nearest() => Refusal.CheckAsync("list --dir loca://bucket/prefix");

    [Fact]
    public Task A_second_configuration_is_refused() => Refusal.CheckAsync("train one.json two.json");

    [Fact]
    public Task Show_without_an_id_asks_for_one() => Refusal.CheckAsync("show");

    [Fact]
    public Task A_setting_without_equals_sign_shows_an_example() => Refusal.CheckAsync("train --set Training:MaxEpisodes");

    [Fact]
    public Task A_configuration_that_does_not_exist_is_told_with_its_full_path() => Refusal.CheckAsync("train missing.json");

    [Fact]
    public Task A_directory_is_no_configuration() => Refusal.CheckAsync("train .");

    [Fact]
    public Task List_names_the_missing_directory() => Refusal.CheckAsync("list --dir nowhere");

    [Fact]
    public Task Show_names_the_missing_directory() => Refusal.CheckAsync("show some_id --dir nowhere");

    [Fact]
    public Task A_directory_below_a_file_cannot_be_written() =>
        Refusal.CheckAsync("train --json --dir notes.txt/checkpoints", new() { ["notes.txt"] = "a file" });

    [Fact]
    public Task A_directory_in_which_nobody_can_create_anything_cannot_be_written() =>
        OperatingSystem.IsLinux() ? Refusal.CheckAsync("train --json --dir /proc/checkpoints") : Task.CompletedTask;
}
