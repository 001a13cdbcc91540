using System.ComponentModel.DataAnnotations;
using CoreSrl.Plugins.ChatModels;

namespace CoreSrl.ChatModels.Tests;

/// <summary>Options that cannot be.</summary>
public sealed class OptionsTests
{
    [Fact]
    public void The_defaults_need_a_model_and_nothing_else()
    {
        Assert.Empty(Problems(new OpenAIOptions { Model = "gpt" }));
        Assert.Empty(Problems(new ClaudeOptions { Model = "claude" }));
        Assert.Contains("Model", Assert.Single(Problems(new ClaudeOptions())), StringComparison.Ordinal);
    }

    [Fact]
    public void Ranges_are_told_all_at_once() => Assert.Equal(6, Problems(new OpenAIOptions
    {
        Model = "gpt",
        Temperature = 3,
        MaxTokens = 0,
        Parallelism = 0,
        Retries = -1,
        WhenUnavailable = "panic",
        Timeout = TimeSpan.Zero,
    }).Count);

    [Fact]
    public void What_does_not_go_together_is_told_all_at_once()
    {
        var problems = Problems(new OpenAIOptions { Model = "gpt", MoneyBudget = 1, InputPrice = 1, ReplayOnly = true, ApiKeyVariable = " ", BaseAddress = new("chat.example", UriKind.Relative) });

        Assert.Equal(["MoneyBudget", "ReplayOnly", "ApiKeyVariable", "BaseAddress"], problems.Select(problem => problem.Split(' ')[0]));
    }

    [Theory]
    [InlineData("https://me:secret@chat.example/v1")]
    [InlineData("https://chat.example/v1?key=secret")]
    [InlineData("ftp://chat.example")]
    public void An_address_holds_no_secret(string address) =>
        Assert.DoesNotContain("secret", Assert.Single(Problems(new ClaudeOptions { Model = "claude", BaseAddress = new(address) })), StringComparison.Ordinal);

    private static List<string> Problems(object options)
    {
        // As the engine does: what is wrong with single values does not hide what is wrong together.
        List<ValidationResult> problems = [];
        Validator.TryValidateObject(options, new(options), problems, validateAllProperties: true);
        return problems.ConvertAll(problem => problem.ErrorMessage!);
    }
}
