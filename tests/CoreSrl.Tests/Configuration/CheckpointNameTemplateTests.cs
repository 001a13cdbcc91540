using CoreSrl.Configuration;

namespace CoreSrl.Tests.Configuration;

public sealed class CheckpointNameTemplateTests
{
    [Theory]
    [InlineData("{run}_ep_{episode}_{timestamp}", false, "multimodel_ep_100_1764000000")]
    [InlineData("{run}_ep_{episode}_{timestamp}", true, "final_multimodel_ep_100_1764000000")]
    [InlineData("{timestamp}-{episode}", false, "1764000000-100")]
    [InlineData("v1.{episode}.{timestamp}.{episode}", false, "v1.100.1764000000.100")]
    public void A_name_is_the_template_with_its_values(string template, bool final, string expected)
    {
        Assert.Null(CheckpointNameTemplate.Check(template));
        Assert.Equal(expected, new CheckpointNameTemplate(template).Format("multimodel", 100, DateTimeOffset.FromUnixTimeSeconds(1_764_000_000), final));
    }

    [Theory]
    [InlineData("{run}_{episode:000000}_{timestamp}", "multimodel_000100_1764000000")]
    [InlineData("{episode}_{timestamp:yyyyMMdd-HHmmss}", "100_20251124-160000")]
    [InlineData("a_{metric:avg_reward}_{episode}_{timestamp}", "a_-0.25_100_1764000000")]
    [InlineData("a_{metric:avg_reward:F3}_{episode}_{timestamp}", "a_-0.250_100_1764000000")]
    [InlineData("a_{metric:avg_reward/model_0}_{episode}_{timestamp}", "a_3_100_1764000000")]
    [InlineData("a_{metric:loss}_{episode}_{timestamp}", "a_none_100_1764000000")]
    [InlineData("a_{metric:broken:F2}_{metric:huge}_{episode}_{timestamp}", "a_NaN_Infinity_100_1764000000")]
    [InlineData("a_{metric:avg_reward:F50}_{episode}_{timestamp}", "a_-0.25000000000000000000000000000_100_1764000000")]
    [InlineData("a_{metric:huger:0.0e+0}_{episode}_{timestamp}", "a_1.0e_300_100_1764000000")]
    [InlineData("{mode}_{models}models_ep_{episode}_{timestamp}", "cooperative_4models_ep_100_1764000000")]
    [InlineData("qwen3_vs_gpt4o_{models:00}_ep_{episode}_{timestamp}", "qwen3_vs_gpt4o_04_ep_100_1764000000")]
    public void A_placeholder_may_have_a_format_and_a_metric_its_name(string template, string expected)
    {
        var metrics = new Dictionary<string, double>
        {
            ["avg_reward"] = -0.25,
            ["avg_reward/model_0"] = 3,
            ["broken"] = double.NaN,
            ["huge"] = double.PositiveInfinity,
            ["huger"] = 1e300,
        };
        var filled = CheckpointNameTemplate.OfRun(template, TrainingMode.Cooperative, 4);
        Assert.Equal(expected, new CheckpointNameTemplate(filled).Format("multimodel", 100, DateTimeOffset.FromUnixTimeSeconds(1_764_000_000), false, metrics));
    }

    [Theory]
    [InlineData("{run}_{mode}_{episode}_{timestamp}", "there is no placeholder {mode}. Did you mean")]
    [InlineData("{run}_{models}_{episode}_{timestamp}", "there is no placeholder {models}.")]
    public void Only_a_trainer_knows_mode_and_models(string template, string problem)
    {
        Assert.Null(CheckpointNameTemplate.Check(template, ofTrainer: true));
        Assert.StartsWith(problem.Replace(" Did you mean", "", StringComparison.Ordinal), CheckpointNameTemplate.Check(template), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{run}_{episode:yyyy}_{timestamp}", "{episode:yyyy} gives one name to two checkpoints: every digit of the episode must stand in it")]
    [InlineData("{run}_{episode:E2}_{timestamp}", "{episode:E2} would give '0.00E+000'")]
    [InlineData("{run}_{episode:#,##0}_{timestamp}", "{episode:#,##0} would give '1,234'")]
    [InlineData("{run}_{episode:}_{timestamp:yyyyMMdd}", "{timestamp:yyyyMMdd} gives one name to two checkpoints: it must tell apart years, days and seconds")]
    [InlineData("{run}_{episode}_{timestamp:HHmmss}", "{timestamp:HHmmss} gives one name to two checkpoints")]
    [InlineData("{run}_{episode}_{timestamp:yyyyMMdd-hhmmss}", "{timestamp:yyyyMMdd-hhmmss} gives one name to two checkpoints")]
    [InlineData("{run}_{episode}_{timestamp:yyyyMMdd-HHMMss}", "{timestamp:yyyyMMdd-HHMMss} gives one name to two checkpoints")]
    [InlineData("{run}_{episode}_{timestamp:s}", "{timestamp:s} would give '2025-11-24T16:00:00', which cannot be part of a folder's name everywhere")]
    [InlineData("{run}_{episode}_{timestamp:\\}", "{timestamp:")]
    [InlineData("{run}_{episode:Q}_{timestamp}", "{episode:Q} has no format that .NET knows for it")]
    [InlineData("{run:X}_{episode}_{timestamp}", "{run:X} has no format that .NET knows for it")]
    [InlineData("a_{metric:avg_reward:P1}_{episode}_{timestamp}", "{metric:avg_reward:P1} would give")]
    [InlineData("a_{metric}_{episode}_{timestamp}", "there is no placeholder {metric}.")]
    [InlineData("{metric:avg_reward}_{episode}_{timestamp}", "cannot begin with a metric, which may be negative")]
    [InlineData("../{episode}_{timestamp}", "a checkpoint's name is a folder's name")]
    [InlineData("{episode}_{timestamp}.", "a checkpoint's name is a folder's name")]
    [InlineData("final_{episode}_{timestamp}", "only the name of a final checkpoint begins with 'final_'")]
    [InlineData("a_{metric:avg_reward:F999999999}_{episode}_{timestamp}", "{metric:avg_reward:F999999999} asks for more digits than a name has room for")]
    [InlineData("a_{episode:D100}_{timestamp}", "{episode:D100} asks for more digits than a name has room for")]
    [InlineData("{episode}_{timestamp:yMdHms}", "could give one name to two checkpoints")]
    [InlineData("{episode}_{timestamp:y-M-dH-m-s}", "could give one name to two checkpoints")]
    [InlineData("{episode}{timestamp:H-mm-ss-yyyyMMdd}", "could give one name to two checkpoints")]
    [InlineData("{timestamp:yyyyMMddHHmms}{episode}", "could give one name to two checkpoints")]
    [InlineData("{timestamp}_{episode}{metric:avg_reward}", "could give one name to two checkpoints")]
    [InlineData("nul.{episode}.{timestamp}", "begins with 'nul.', which is the name of a device on Windows")]
    public void A_format_that_could_not_name_folders_apart_is_refused(string template, string problem) =>
        Assert.StartsWith(problem, CheckpointNameTemplate.Check(template, ofTrainer: true), StringComparison.Ordinal);

    [Theory]
    [InlineData("{episode}{timestamp}")]
    [InlineData("{timestamp}{episode}")]
    [InlineData("{timestamp:yyyyMMddHHmmss}{episode}")]
    [InlineData("{episode}_{timestamp:y-M-d-H-m-s}")]
    [InlineData("{timestamp}_{episode}_{metric:avg_reward}{metric:avg_reward}")]
    [InlineData("{episode:000000}{models}{timestamp}")]
    public void Values_may_touch_where_none_can_be_mistaken(string template) => Assert.Null(CheckpointNameTemplate.Check(template, ofTrainer: true));

    [Theory]
    [InlineData("{run}_ep_{episode}_{timestamp}", "final_sprint", "only the name of a final checkpoint begins with 'final_'")]
    [InlineData("{run}_ep_{episode}_{timestamp}", "FINAL_", "only the name of a final checkpoint begins with 'final_'")]
    [InlineData("{run}.{episode}_{timestamp}", "con", "begins with 'con.', which is the name of a device on Windows")]
    [InlineData("{episode}_{timestamp}_{run}", "v1.", "a checkpoint's name is a folder's name")]
    [InlineData("{run}_ep_{episode}_{timestamp}", "finals", null)]
    [InlineData("ep_{episode}_{timestamp}_{run}", "final_sprint", null)]
    public void A_run_may_have_a_name_that_its_checkpoints_cannot_begin_with(string template, string run, string? problem)
    {
        Assert.Null(CheckpointNameTemplate.Check(template));
        var found = CheckpointNameTemplate.CheckRun(template, run);
        if (problem is null)
            Assert.Null(found);
        else
            Assert.StartsWith($"'{run}' does not go with the names '{template}' of its checkpoints: {problem}", found, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_too_long_for_a_file_system_is_refused() =>
        Assert.EndsWith("200 are allowed", CheckpointNameTemplate.Check(new string('x', 190) + "{episode}{timestamp}"), StringComparison.Ordinal);

    [Theory]
    [InlineData("{run}_{epsiode}_{timestamp}", "there is no placeholder {epsiode}. Did you mean 'episode'?")]
    [InlineData("{run}_{episode}", "must contain {episode} and {timestamp}")]
    [InlineData("{run}_{timestamp}", "must contain {episode} and {timestamp}")]
    [InlineData("", "must contain {episode} and {timestamp}")]
    [InlineData("a/{episode}{timestamp}", "a checkpoint's name is a folder's name")]
    [InlineData("a\\{episode}{timestamp}", "a checkpoint's name is a folder's name")]
    [InlineData("{episode}{timestamp}é", "a checkpoint's name is a folder's name")]
    [InlineData(".{episode}{timestamp}", "a checkpoint's name is a folder's name")]
    [InlineData("-{episode}{timestamp}", "a checkpoint's name is a folder's name")]
    [InlineData("{{episode}}{timestamp}", "a checkpoint's name is a folder's name")]
    public void A_template_that_could_not_name_folders_is_refused(string template, string problem) =>
        Assert.StartsWith(problem, CheckpointNameTemplate.Check(template), StringComparison.Ordinal);
}
