using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>Both questions are answered from their arguments alone.</summary>
internal static class PurityRules
{
    public static IEnumerable<Rule<PolicyTrial>> All { get; } =
    [
        new("same-question-same-answer", "Asked the same twice, a policy answers the same.", SameAnswer),
        new("fresh-instances-agree", "An answer follows from the run's checkpoints and not from earlier questions, so that it survives a resume by itself.", FreshInstancesAgree),
        new("keeping-changes-no-decision", "What stays is asked after each commit; it changes no decision.", KeepingChangesNoDecision),
        new("both-questions-at-once", "What stays is asked on a background thread, while decisions are asked on the training thread.", BothAtOnceAsync),
        new("arguments-stay-as-they-are", "A policy changes nothing that it is given.", ArgumentsStay),
    ];

    private static void SameAnswer(PolicyTrial trial)
    {
        var (deciding, keeping) = (trial.Create(), trial.Create());
        foreach (var at in trial.Runs().SelectMany(run => run))
        {
            if (!IsSame(trial, deciding, deciding.Decision(at), deciding.Decision(at), $"at {at} the same decision when asked again")
                || !IsSame(trial, keeping, keeping.Kept(at.Saved), keeping.Kept(at.Saved), $"at {at} the same answer when asked again what stays"))
                return;
        }
    }

    private static void FreshInstancesAgree(PolicyTrial trial)
    {
        foreach (var run in trial.Runs())
        {
            var (deciding, keeping) = (trial.Create(), trial.Create());
            foreach (var at in run)
            {
                if (!IsSame(trial, deciding, deciding.Decision(at), trial.Create().Decision(at), $"at {at} a fresh instance to decide as the one that was there all along")
                    || !IsSame(trial, keeping, keeping.Kept(at.Saved), trial.Create().Kept(at.Saved), $"at {at} a fresh instance to keep as the one that was there all along"))
                    return;
            }
        }
    }

    private static void KeepingChangesNoDecision(PolicyTrial trial)
    {
        foreach (var run in trial.Runs())
        {
            var (alone, both) = (trial.Create(), trial.Create());
            foreach (var at in run)
            {
                both.Kept(at.Saved);
                trial.ExpectSame(alone.Decision(at), both.Decision(at), $"the decision at {at} of an instance that was also asked what stays");
            }
        }
    }

    private static async Task BothAtOnceAsync(PolicyTrial trial)
    {
        foreach (var run in trial.Runs())
        {
            var (deciding, takingTurns, keeping, both) = (trial.Create(), trial.Create(), trial.Create(), trial.Create());
            var decisions = run.Select(deciding.Decision).ToList();
            var inTurn = run.Select(at => (Kept: takingTurns.Kept(at.Saved), Decision: takingTurns.Decision(at))).Select(answers => answers.Decision).ToList();
            var kept = run.Select(at => keeping.Kept(at.Saved)).ToList();
            var training = Task.Run(() => run.Select(both.Decision).ToList());
            for (var i = 0; i < run.Count || !training.IsCompleted; i++)
            {
                var at = run[i % run.Count];
                if (!IsSame(trial, both, kept[i % run.Count], both.Kept(at.Saved), $"at {at} the same answer to what stays while a decision is asked"))
                    return;
            }

            foreach (var (i, decision) in (await training.ConfigureAwait(false)).Index())
            {
                trial.Expect(
                    decision == decisions[i] || decision == inTurn[i],
                    $"at {run[i]} the decision '{decisions[i]}' while it is asked what stays", $"it was '{decision}'");
            }
        }
    }

    // Answers of a policy with a memory that travels in checkpoints may follow from that too: then there is no more to be said here.
    private static bool IsSame(PolicyTrial trial, ICheckpointPolicy policy, string expected, string found, string what)
    {
        if (expected == found)
            return true;
        trial.Expect(StateRules.Remembers(policy), $"{what}, '{expected}'", $"it was '{found}'");
        return false;
    }

    private static void ArgumentsStay(PolicyTrial trial)
    {
        var policy = trial.Create();
        foreach (var at in trial.Run())
        {
            // Lists and dictionaries that could be changed, and copies of what was in them.
            List<SavedCheckpoint> saved = [.. at.Saved.Select(Copy)];
            var (before, metrics) = (saved.ToList(), new Dictionary<string, double>(at.Progress.Metrics));
            policy.WantsToSave(new(at.Progress with { Metrics = metrics }, saved));
            policy.Keeps(saved);
            trial.Expect(saved.SequenceEqual(before, ReferenceEqualityComparer.Instance), "the list of checkpoints to stay as it is", $"it was changed at {at}");
            trial.Expect(Same(at.Progress.Metrics, metrics), "the boundary's metrics to stay as they are", $"they were changed at {at}");
            trial.Expect(
                at.Saved.Zip(saved).All(pair => Same(pair.First.Metrics, pair.Second.Metrics)),
                "the checkpoints' metrics to stay as they are", $"they were changed at {at}");
        }

        static SavedCheckpoint Copy(SavedCheckpoint checkpoint) => checkpoint with { Metrics = new Dictionary<string, double>(checkpoint.Metrics) };

        static bool Same(IReadOnlyDictionary<string, double> one, IReadOnlyDictionary<string, double> other) =>
            one.Count == other.Count && one.All(value => other.TryGetValue(value.Key, out var found) && found.Equals(value.Value));
    }
}
