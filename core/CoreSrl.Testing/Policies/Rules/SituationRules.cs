using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>What a policy must cope with. An error ends no run, but it is a question without an answer.</summary>
internal static class SituationRules
{
    public static IEnumerable<Rule<PolicyTrial>> All { get; } =
    [
        new("runs-without-errors", "A policy answers throughout a run, whichever of its checkpoints have been removed.", RunsWithoutErrors),
        new("no-checkpoints-yet", "A policy answers when there is no checkpoint yet.", NoCheckpointsYet),
        new("first-and-last-boundaries", "A policy answers at the first boundary and the last, and in a loop that does not say how long it is.", FirstAndLastBoundaries),
        new("unusual-histories", "A policy answers whatever checkpoints there are: final ones, several of one moment, those of a future that was gone back from.", UnusualHistories),
        new("missing-metrics", "A policy answers when a metric is missing, now or in a checkpoint.", MissingMetrics),
        new("metrics-that-are-no-numbers", "A policy answers when a metric is no number or infinite, now or in a checkpoint.", MetricsThatAreNoNumbers),
        new("no-number-never-wins", "A metric that is no number, or infinite, counts as one that is not there.", NoNumberNeverWins),
    ];

    private static readonly double[] NoNumbers = [double.NaN, double.PositiveInfinity, double.NegativeInfinity];

    private static void RunsWithoutErrors(PolicyTrial trial)
    {
        foreach (var run in trial.Runs())
        {
            var policy = trial.Create();
            foreach (var at in run.Where(at => at.Saved.Count > 0))
                trial.ExpectAnswers(policy, at, $"at {at}");
        }
    }

    private static void NoCheckpointsYet(PolicyTrial trial)
    {
        var policy = trial.Create();
        for (var episode = 1; episode <= 20; episode++)
            trial.ExpectAnswers(policy, new(trial.At(episode), []), $"at episode {episode} without a checkpoint");
    }

    private static void FirstAndLastBoundaries(PolicyTrial trial)
    {
        var middle = trial.Middle();
        foreach (var progress in new[]
        {
            trial.At(1), trial.At(1) with { MaxEpisodes = 1 }, trial.At(999), trial.At(1_000), trial.At(0),
            trial.At(57) with { MaxEpisodes = long.MaxValue, EnvironmentSteps = 0 },
            trial.At(1_000_000_000) with { MaxEpisodes = long.MaxValue, EnvironmentSteps = 1_000_000_000_000 },
            trial.At(57) with { Elapsed = TimeSpan.Zero, HeldUp = TimeSpan.Zero },
            trial.At(57) with { Elapsed = TimeSpan.FromDays(1_000), HeldUp = TimeSpan.FromDays(2_000) },
        })
            trial.ExpectAnswers(trial.Create(), new(progress, middle.Saved), $"at episode {progress.Episode} of {progress.MaxEpisodes} after {progress.Elapsed}");
    }

    private static void UnusualHistories(PolicyTrial trial)
    {
        var (progress, saved) = trial.Middle();
        foreach (var (what, history) in new (string, IEnumerable<SavedCheckpoint>)[]
        {
            ("one checkpoint", saved.Take(1)),
            ("one checkpoint of this very episode", [Boundary.Checkpoint(progress)]),
            ("final checkpoints", saved.Select((checkpoint, index) => checkpoint with { Final = index % 2 == 0 })),
            ("two checkpoints of each moment", saved.SelectMany(checkpoint => new[] { checkpoint, checkpoint with { Id = checkpoint.Id + "_2" } })),
            ("checkpoints of later episodes", saved.Select(checkpoint => Boundary.Checkpoint(trial.At(checkpoint.Episode + 100)))),
            ("times that go backwards", saved.Select(checkpoint => checkpoint with { Timestamp = saved[0].Timestamp + TimeSpan.FromDays(checkpoint.Episode) })),
            ("one of the beginning", [.. saved, Boundary.Checkpoint(trial.At(0))]),
            ("empty checkpoints", saved.Select(checkpoint => checkpoint with { SizeBytes = 0 })),
            ("very large checkpoints", saved.Select(checkpoint => checkpoint with { SizeBytes = 1L << 50 })),
            ("many tags", saved.Select(checkpoint => checkpoint with { Tags = ["best", "manual", "emergency", .. trial.Options.Metrics.Select(name => $"best:{name}")] })),
        })
            trial.ExpectAnswers(trial.Create(), new(progress, [.. history]), $"with {what}");
    }

    private static void MissingMetrics(PolicyTrial trial)
    {
        var policy = trial.Create();
        var none = new Dictionary<string, double>();
        foreach (var at in trial.Run().Where(at => at.Saved.Count > 0 && PolicyTrial.Error(policy, at) is null))
        {
            trial.ExpectAnswers(policy, at with { Progress = at.Progress with { Metrics = none } }, $"at {at}, without a metric now");
            trial.ExpectAnswers(policy, at with { Saved = [.. at.Saved.Select(checkpoint => checkpoint with { Metrics = none })] }, $"at {at}, without a metric in any");
        }
    }

    private static void MetricsThatAreNoNumbers(PolicyTrial trial)
    {
        var policy = trial.Create();
        foreach (var at in trial.Run().Where(at => at.Saved.Count > 0 && PolicyTrial.Error(policy, at) is null))
        {
            foreach (var value in NoNumbers)
            {
                var all = trial.Options.Metrics.ToDictionary(name => name, _ => value);
                trial.ExpectAnswers(policy, at with { Progress = at.Progress with { Metrics = all } }, $"at {at} while every metric is {value}");
                trial.ExpectAnswers(
                    policy,
                    at with { Saved = [.. at.Saved.Select(checkpoint => checkpoint with { Metrics = all })] }, $"at {at} when every metric was {value}");
            }
        }
    }

    private static void NoNumberNeverWins(PolicyTrial trial)
    {
        foreach (var at in trial.Run().Where(at => at.Saved.Count > 1))
        {
            var value = NoNumbers[trial.Random.Next(NoNumbers.Length)];
            foreach (var name in trial.Options.Metrics)
            {
                trial.ExpectSame(
                    Decides(at with { Progress = at.Progress with { Metrics = Without(at.Progress.Metrics, name) } }),
                    Decides(at with { Progress = at.Progress with { Metrics = With(at.Progress.Metrics, name) } }),
                    $"whether to save at {at} while '{name}' is {value}");
                var which = at.Saved.Select(_ => trial.Random.Next(2) == 0).ToList();
                var (absent, there) = (History(Without), History(With));
                trial.ExpectSame(Decides(at with { Saved = absent }), Decides(at with { Saved = there }), $"whether to save at {at} when '{name}' was {value} in some");
                trial.ExpectList(Keeps(absent), Keeps(there), $"what is kept at {at} when '{name}' was {value} in some");

                IReadOnlyList<SavedCheckpoint> History(Func<IReadOnlyDictionary<string, double>, string, IReadOnlyDictionary<string, double>> change) =>
                    [.. at.Saved.Select((checkpoint, index) => which[index] ? checkpoint with { Metrics = change(checkpoint.Metrics, name) } : checkpoint)];
            }

            IReadOnlyDictionary<string, double> With(IReadOnlyDictionary<string, double> metrics, string name) => new Dictionary<string, double>(metrics) { [name] = value };
        }

        bool Decides(Boundary at) => trial.Create().WantsToSave(at);

        IReadOnlyList<string> Keeps(IReadOnlyList<SavedCheckpoint> saved) => [.. trial.Create().Keeps(saved).Order(StringComparer.Ordinal)];

        static IReadOnlyDictionary<string, double> Without(IReadOnlyDictionary<string, double> metrics, string name) =>
            metrics.Where(metric => metric.Key != name).ToDictionary();
    }
}
