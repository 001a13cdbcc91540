namespace CoreSrl.EndToEnd.Tests.BadInput;

/// <summary>Configurations that are right but for what a test puts in.</summary>
internal static class Configurations
{
    /// <summary>One with further sections.</summary>
    public static string With(string sections) =>
        $$"""{ "Environment": { "Use": "coop-compete" }, "Models": [ { "Id": "one", "Use": "torch-lora" }, { "Id": "two", "Use": "torch-lora" } ], {{sections}} }""";

    /// <summary>One model alone in the question-answer environment, with the environment's options.</summary>
    public static string Questions(string options) =>
        $$"""{ "Environment": { "Use": "question-answer", {{options}} }, "Models": [ { "Id": "one", "Use": "torch-lora" } ] }""";
}
