using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>What answers may be.</summary>
internal static class AnswerRules
{
    public static IEnumerable<Rule<PolicyTrial>> All { get; } =
    [
        new("answers-are-given", "Neither answer is ever null.", AreGiven),
        new("reasons-are-for-people", "A decision to save says why in one line of a few words.", ReasonsAreForPeople),
        new("tags-are-words", "Tags are words by which a checkpoint can be found again.", TagsAreWords),
        new("what-is-kept-exists", "What is kept is one of the checkpoints that there are.", WhatIsKeptExists),
        new("what-is-kept-stays-kept", "What a policy keeps it still keeps when the others are gone, so that it is never removed after all.", WhatIsKeptStaysKept),
        new("deciding-is-quick", "A decision is quick, since training waits for it, however many checkpoints there are.", DecidingIsQuick),
    ];

    private static void AreGiven(PolicyTrial trial)
    {
        var policy = trial.Create();
        foreach (var at in trial.Run())
        {
            trial.Expect(policy.Decision(at) != "nothing", $"a decision at {at}", "it was null");
            trial.Expect(policy.Kept(at.Saved) != "nothing at all", $"a list of what stays at {at}; an empty one is one", "it was null");
        }
    }

    private static void ReasonsAreForPeople(PolicyTrial trial)
    {
        foreach (var (at, decision) in Saves(trial))
        {
            trial.Expect(!string.IsNullOrWhiteSpace(decision.Reason), $"a reason at {at}", "it was blank");
            trial.Expect(!decision.Reason.Any(char.IsControl), "a reason of one line", $"it was '{decision.Reason}'");
            trial.Expect(decision.Reason.Length <= 200, "a reason of at most 200 characters", $"it has {decision.Reason.Length}: '{decision.Reason}'");
        }
    }

    private static void TagsAreWords(PolicyTrial trial)
    {
        foreach (var (at, decision) in Saves(trial))
        {
            trial.Expect(!decision.Tags.IsDefault, $"a list of tags at {at}; an empty one is one", "it was not initialised");
            foreach (var tag in decision.Tags)
            {
                trial.Expect(!string.IsNullOrWhiteSpace(tag), $"no tag at {at} rather than a blank one", $"one was '{tag}'");
                trial.Expect(tag.Length <= 200 && !tag.Any(char.IsControl) && tag == tag.Trim(), "a tag to be a word", $"one was '{tag}'");
            }
        }
    }

    private static void WhatIsKeptExists(PolicyTrial trial)
    {
        var policy = trial.Create();
        foreach (var at in trial.Runs().SelectMany(run => run))
        {
            var strange = policy.Keeps(at.Saved).Except(at.Saved.Select(checkpoint => checkpoint.Id)).FirstOrDefault();
            trial.Expect(strange is null, $"at {at} only ids of these", $"'{strange}' is none of them");
        }
    }

    private static void WhatIsKeptStaysKept(PolicyTrial trial)
    {
        foreach (var at in trial.Runs().SelectMany(run => run))
        {
            var kept = trial.Create().Keeps(at.Saved);
            // The newest stays in any case; others may keep some of the rest.
            IReadOnlyList<SavedCheckpoint> left = [.. at.Saved.Where((checkpoint, index) => index == 0 || kept.Contains(checkpoint.Id) || trial.Random.Next(3) == 0)];
            var lost = kept.Intersect(at.Saved.Select(checkpoint => checkpoint.Id)).Except(trial.Create().Keeps(left)).FirstOrDefault();
            trial.Expect(lost is null, $"'{lost}' to be kept still when {at.Saved.Count - left.Count} others are gone", $"at {at} it was not");
        }
    }

    private static void DecidingIsQuick(PolicyTrial trial)
    {
        List<SavedCheckpoint> saved = [];
        for (var episode = 1L; episode <= 10_000; episode++)
            saved.Add(Boundary.Checkpoint(trial.At(episode)));
        saved.Reverse();
        var boundary = new Boundary(trial.At(10_001) with { MaxEpisodes = 20_000 }, saved.AsReadOnly());
        var policy = trial.Create();
        trial.ExpectQuick(() => policy.WantsToSave(boundary), "a decision with 10,000 checkpoints");
    }

    private static IEnumerable<(Boundary At, SaveDecision Decision)> Saves(PolicyTrial trial)
    {
        var policy = trial.Create();
        foreach (var at in trial.Runs().SelectMany(run => run))
        {
            if (policy.WantsToSave(at) && trial.Create().Decide(at.Progress, at.Saved) is { ShouldSave: true } decision)
                yield return (at, decision);
        }
    }
}
