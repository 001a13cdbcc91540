using CoreSrl.EndToEnd.Tests.BadInput;

namespace CoreSrl.EndToEnd.Tests.ChatModels;

/// <summary>Chat players that cannot be.</summary>
public sealed class RefusalTests
{
    private const string Unset = "CORESRL_TEST_NO_SUCH_KEY";

    [Fact]
    public Task A_missing_key_is_told_with_its_variable() => RefuseAsync($$""" "Use": "claude", "Model": "claude-test", "ApiKeyVariable": "{{Unset}}" """);

    [Fact]
    public Task Wrong_options_are_all_told_at_once() => RefuseAsync("""
        "Use": "openai", "BaseAddress": "chat.example", "Temperature": 3, "MaxTokens": 0, "WhenUnavailable": "panic", "MoneyBudget": 5, "ReplayOnly": true
        """);

    [Fact]
    public Task A_key_in_the_configuration_is_refused_with_what_there_is() => RefuseAsync(""" "Use": "openai", "Model": "gpt-test", "ApiKey": "sk-secret" """);

    [Fact]
    public Task A_temperature_is_nothing_for_claude() => RefuseAsync(""" "Use": "claude", "Model": "claude-test", "Temperature": 1 """);

    [Fact]
    public Task A_recording_that_is_not_there_cannot_be_replayed() =>
        RefuseAsync(""" "Use": "openai", "Model": "gpt-test", "ReplayOnly": true, "Recording": "none.jsonl" """);

    [Fact]
    public Task A_damaged_recording_is_told_with_its_line() => RefuseAsync(
        """ "Use": "openai", "Model": "gpt-test", "ReplayOnly": true, "Recording": "recording.jsonl" """,
        new() { ["recording.jsonl"] = "{\"key\": 5}\n{}\n" });

    private static Task RefuseAsync(string options, Dictionary<string, string>? files = null, [System.Runtime.CompilerServices.CallerMemberName] string test = "") => Refusal.CheckAsync(
        "train run.json",
        new(files ?? [])
        {
            ["run.json"] = $$"""{ "Environment": { "Use": "question-answer" }, "Models": [ { "Id": "one", {{options}} } ], "Checkpoints": { "Directory": "checkpoints" } }""",
        },
        test: test);
}
