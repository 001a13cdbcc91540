using CoreSrl.Abstractions;
using CoreSrl.Plugins.ChatModels.Asking;

namespace CoreSrl.Plugins.ChatModels.Prompts;

/// <summary>How an observation is put to a chat model.</summary>
internal static class Prompt
{
    /// <summary>The text of a question.</summary>
    public static string Of(Observation observation) => observation.Choices.IsDefaultOrEmpty
        ? NotBlank(observation.Prompt, "(nothing)")
        : $"{observation.Prompt}\n\n{OneOf(observation)}";

    /// <summary>The conversation after an answer that was none of the choices.</summary>
    public static IEnumerable<Message> Again(Observation observation, string answer) =>
        [new("assistant", NotBlank(answer, "(nothing)")), new("user", $"That is none of the answers. {OneOf(observation)}")];

    private static string OneOf(Observation observation) =>
        $"Answer with exactly one of these, to the letter and with nothing else:\n{string.Join('\n', observation.Choices)}";

    private static string NotBlank(string text, string otherwise) => string.IsNullOrWhiteSpace(text) ? otherwise : text;
}
