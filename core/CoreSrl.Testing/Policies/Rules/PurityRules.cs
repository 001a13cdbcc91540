using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>Both questions are answered from their arguments alone.</summary>
internal static class PurityRules
{
    public static IEnumerable<Rule<PolicyTrial>> All { get; } =
    [
        new("same-question-same-answer", "Asked the same twice, a policy answers the same.", SameAnswer),
    ];

    private static void SameAnswer(PolicyTrial trial)
    {
        var policy = trial.Create();
        foreach (var (progress, saved) in trial.Boundaries())
        {
            trial.ExpectSame(Tell(policy.Decide(progress, saved)), Tell(policy.Decide(progress, saved)), $"the decision of episode {progress.Episode} when asked again");
            trial.ExpectList([.. policy.Keep(saved)], [.. policy.Keep(saved)], $"what is kept at episode {progress.Episode} when asked again");
        }
    }

    private static string Tell(SaveDecision decision) => decision.ShouldSave ? $"save ({decision.Reason}) [{string.Join(", ", decision.Tags)}]" : "skip";
}
