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
