using CoreSrl.Abstractions;
using CoreSrl.Testing.Tests.Memories;

namespace CoreSrl.Testing.Tests.Policies;

/// <summary>For each rule a policy that breaks just it, as a real one might.</summary>
internal static class BrokenPolicies
{
    public static IReadOnlyDictionary<string, Func<ICheckpointPolicy>> ByRule { get; } = new Dictionary<string, Func<ICheckpointPolicy>>
    {
        ["same-question-same-answer"] = () => new SaysYesOnce(),
        ["fresh-instances-agree"] = () => new CountsFromItsStart(),
        ["keeping-changes-no-decision"] = () => new WaitsAfterCleaning(),
        ["both-questions-at-once"] = () => new SharedScratch(),
        ["arguments-stay-as-they-are"] = () => new SortsInPlace(),
        ["answers-are-given"] = () => new KeepsNull(),
        ["reasons-are-for-people"] = () => new DumpAsReason(),
        ["tags-are-words"] = () => new BlankTag(),
        ["what-is-kept-exists"] = () => new KeepsByName(),
        ["what-is-kept-stays-kept"] = () => new KeepsEverySecond(),
        ["deciding-is-quick"] = () => new ComparesAllWithAll(),
        ["runs-without-errors"] = () => new RoomForTwelve(),
        ["no-checkpoints-yet"] = () => new LooksAtTheNewest(),
        ["first-and-last-boundaries"] = () => new DividesByWhatIsLeft(),
        ["unusual-histories"] = () => new OnePerEpisode(),
        ["missing-metrics"] = () => new MetricMustBeThere(),
        ["metrics-that-are-no-numbers"] = () => new CountsInDecimals(),
        ["no-number-never-wins"] = () => new NotWorse(),
    }
    .Concat(BrokenMemories.ByRule.Select(memory => KeyValuePair.Create(memory.Key, (Func<ICheckpointPolicy>)(() => new CountingPolicy(memory.Value())))))
    .ToDictionary();

    /// <summary>Asked again about an episode that it has saved, it says no.</summary>
    private sealed class SaysYesOnce : GoodPolicy
    {
        private long _saved;

        public override SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved)
        {
            var decision = base.Decide(progress, saved);
            if (!decision.ShouldSave || _saved == progress.Episode)
                return SaveDecision.Skip;
            _saved = progress.Episode;
            return decision;
        }
    }

    private sealed class CountsFromItsStart : GoodPolicy
    {
        private long? _first;

        public override SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) =>
            (progress.Episode - (_first ??= progress.Episode)) % 10 == 0 ? SaveDecision.Save("every 10 episodes") : SaveDecision.Skip;
    }

    private sealed class WaitsAfterCleaning : GoodPolicy
    {
        private string? _cleaned;

        public override SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) =>
            saved.Count > 0 && saved[0].Id == _cleaned ? SaveDecision.Skip : base.Decide(progress, saved);

        public override IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved)
        {
            _cleaned = saved.Count > 0 ? saved[0].Id : null;
            return base.Keep(saved);
        }
    }

    /// <summary>One list for both questions.</summary>
    private sealed class SharedScratch : GoodPolicy
    {
        private readonly List<SavedCheckpoint> _scratch = [];

        public override SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved)
        {
            _scratch.Clear();
            _scratch.AddRange(saved);
            if (progress.Episode % 50 == 0)
                Thread.Sleep(2);
            return progress.Episode % 10 == 0 ? SaveDecision.Save($"beside {_scratch.Count} others") : SaveDecision.Skip;
        }

        public override IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved)
        {
            _scratch.Clear();
            return base.Keep(saved);
        }
    }

    private sealed class SortsInPlace : GoodPolicy
    {
        public override IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved)
        {
            (saved as List<SavedCheckpoint>)?.Sort((one, other) => string.CompareOrdinal(one.Id, other.Id));
            return base.Keep(saved);
        }
    }

    private sealed class KeepsNull : GoodPolicy
    {
        public override IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved) => null!;
    }

    private sealed class DumpAsReason : GoodPolicy
    {
        public override SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) =>
            base.Decide(progress, saved).ShouldSave ? SaveDecision.Save("metrics:\n" + string.Join('\n', progress.Metrics)) : SaveDecision.Skip;
    }

    private sealed class BlankTag : GoodPolicy
    {
        public override SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) =>
            base.Decide(progress, saved) is { ShouldSave: true } decision ? SaveDecision.Save(decision.Reason, "best", "") : SaveDecision.Skip;
    }

    private sealed class KeepsByName : GoodPolicy
    {
        public override IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved) => [.. base.Keep(saved), "run_ep_100"];
    }

    private sealed class KeepsEverySecond : GoodPolicy
    {
        public override IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved) => saved.Where((_, index) => index % 2 == 0).Select(checkpoint => checkpoint.Id);
    }

    private sealed class ComparesAllWithAll : GoodPolicy
    {
        public override SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) =>
            saved.Any(one => saved.Count(other => other.Episode == one.Episode) > 2) ? SaveDecision.Skip : base.Decide(progress, saved);
    }

    private sealed class RoomForTwelve : GoodPolicy
    {
        public override SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved)
        {
            var episodes = new long[12];
            for (var i = 0; i < saved.Count; i++)
                episodes[i] = saved[i].Episode;
            return base.Decide(progress, saved);
        }
    }

    private sealed class LooksAtTheNewest : GoodPolicy
    {
        public override SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) =>
            saved[0].Episode == progress.Episode ? SaveDecision.Skip : base.Decide(progress, saved);
    }

    private sealed class DividesByWhatIsLeft : GoodPolicy
    {
        public override SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) =>
            progress.Episode / (progress.MaxEpisodes - progress.Episode) > 3 ? SaveDecision.Save("near the end") : base.Decide(progress, saved);
    }

    private sealed class OnePerEpisode : GoodPolicy
    {
        public override IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved) =>
            base.Keep([.. saved.ToDictionary(checkpoint => checkpoint.Episode).OrderByDescending(pair => pair.Key).Select(pair => pair.Value)]);
    }

    private sealed class MetricMustBeThere : GoodPolicy
    {
        public override SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) =>
            double.IsFinite(progress.Metrics[Metric]) ? base.Decide(progress, saved) : SaveDecision.Skip;
    }

    private sealed class CountsInDecimals : GoodPolicy
    {
        public override SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) =>
            progress.Metrics.TryGetValue(Metric, out var value) && (decimal)value > 0 ? base.Decide(progress, saved) : SaveDecision.Skip;
    }

    /// <summary>NaN is not worse than anything.</summary>
    private sealed class NotWorse : GoodPolicy
    {
        public override SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved)
        {
            if (!progress.Metrics.TryGetValue(Metric, out var value))
                return SaveDecision.Skip;
            var worse = saved.Any(checkpoint => checkpoint.Metrics.TryGetValue(Metric, out var other) && value < other);
            return worse ? SaveDecision.Skip : SaveDecision.Save($"none is better than {value:G5}", "best");
        }
    }
}
