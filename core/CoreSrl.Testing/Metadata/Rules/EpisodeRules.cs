using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>The episodes that a contributor must cope with. An error loses no checkpoint, but its values are missing there.</summary>
internal static class EpisodeRules
{
    private const int First = 3;

    public static IEnumerable<Rule<MetadataTrial>> All { get; } =
    [
        new("runs-without-errors", "A contributor gives its values throughout a run.", RunsWithoutErrors),
        new("first-episodes", "A contributor copes with the first episodes of a run, when hardly anything is known.", FirstEpisodes),
        new("begins-midway", "A contributor can be added to a run that has begun without it.", BeginsMidway),
        new("any-number-of-models", "A contributor copes with one model, with many and with none.", AnyNumberOfModels),
        new("no-answers", "A contributor copes with an episode in which nobody answered.", NoAnswers),
        new("rewards-that-are-no-numbers", "A contributor copes with rewards and metrics that are no numbers, infinite or very large.", RewardsThatAreNoNumbers),
        new("goes-on-after-a-failure", "An episode that could not be made sense of spoils none of those after it.", GoesOnAfterAFailure),
        new("contributing-is-quick", "A contributor is quick, since training waits for it at every boundary.", ContributingIsQuick),
    ];

    private static void RunsWithoutErrors(MetadataTrial trial) => ExpectValues(trial, trial.Run(), _ => "in a run as any other");

    private static void FirstEpisodes(MetadataTrial trial)
    {
        var contributor = trial.Create();
        foreach (var episode in trial.Run().Take(First))
            trial.ExpectValues(contributor, episode, "at the beginning of a run");
        trial.ExpectValues(trial.Create(), AtOnce(trial.Run()[0]), "in an episode that took no time and no steps");

        static EpisodeSummary AtOnce(EpisodeSummary episode) => episode with
        {
            Progress = episode.Progress with { Elapsed = TimeSpan.Zero, HeldUp = TimeSpan.Zero, EnvironmentSteps = 0 },
            Models = [.. episode.Models.Select(model => new ModelState { ModelId = model.ModelId })],
        };
    }

    private static void BeginsMidway(MetadataTrial trial)
    {
        var contributor = trial.Create();
        foreach (var episode in trial.Episodes(501, First, 3))
            trial.ExpectValues(contributor, episode, "after 500 episodes that it did not see");
    }

    private static void AnyNumberOfModels(MetadataTrial trial)
    {
        foreach (var models in new[] { 0, 1, 2, 16 })
            ExpectValues(trial, trial.Episodes(1, 2 * First, models), _ => $"with {models} models");
    }

    private static void NoAnswers(MetadataTrial trial)
    {
        var run = trial.Episodes(1, 2 * First, 3);
        ExpectValues(trial, [.. run.Take(First), .. run.Skip(First).Select(episode => episode with { Answers = [] })], _ => "without answers");
        ExpectValues(
            trial, [.. run.Take(First), .. run.Skip(First).Select(episode => episode with { Answers = [.. episode.Models.Select(_ => new Dictionary<string, long>())] })],
            _ => "in which no model answered");
    }

    private static void RewardsThatAreNoNumbers(MetadataTrial trial) =>
        ExpectValues(trial, [.. trial.Run().Take(First), .. trial.OddEpisodes(First + 1)], episode => $"with rewards of {episode.Models[0].LastReward}");

    // The first episodes have a rule of their own.
    private static void ExpectValues(MetadataTrial trial, IReadOnlyList<EpisodeSummary> run, Func<EpisodeSummary, string> when)
    {
        var contributor = trial.Create();
        foreach (var episode in run.Take(First))
            MetadataTrial.Values(contributor, episode);
        foreach (var episode in run.Skip(First))
            trial.ExpectValues(contributor, episode, when(episode));
    }

    private static void GoesOnAfterAFailure(MetadataTrial trial)
    {
        var run = trial.Run();
        var (untroubled, troubled) = (trial.Create(), trial.Create());
        foreach (var odd in trial.OddEpisodes(1))
            MetadataTrial.Values(troubled, odd);
        var (expected, found) = (run.Count(episode => Gives(untroubled, episode)), run.Count(episode => Gives(troubled, episode)));
        trial.Expect(
            found > 0 || expected == 0,
            $"values in episodes after one whose rewards are no numbers, as there are in {expected} of {run.Count} without it", "there were none");

        static bool Gives(IMetadataContributor contributor, EpisodeSummary episode) => MetadataTrial.Values(contributor, episode).Count > 0;
    }

    private static void ContributingIsQuick(MetadataTrial trial)
    {
        var contributor = trial.Create();
        foreach (var seen in trial.Run())
            MetadataTrial.Values(contributor, seen);
        var last = trial.Episodes(1_000, 1, 8)[0];
        var large = last with
        {
            Answers = [.. last.Models.Select((_, model) => Enumerable.Range(0, 500).ToDictionary(answer => $"answer {answer} of {model}", answer => (long)answer + 1))],
        };
        trial.ExpectQuick(() => MetadataTrial.Values(contributor, large), "the values of an episode with 8 models and 4,000 answers");
    }
}
