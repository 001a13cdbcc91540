using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Policies;
using CoreSrl.Tests.Fakes;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;

namespace CoreSrl.Tests.Checkpoints;

public sealed class PolicyTests
{
    [Fact]
    public void One_yes_is_enough_and_all_reasons_and_tags_are_recorded()
    {
        var (reason, tags) = Set(new Policy("a", "x", "y"), new Policy(null), new Policy("b", "y", "z")).Decide(At(1), [])!.Value;
        Assert.Equal("a, b", reason);
        Assert.Equal(["x", "y", "z"], tags.ToArray());
        Assert.Null(Set(new Policy(null), new Policy(null)).Decide(At(1), []));
    }

    [Fact]
    public void Tags_that_were_never_set_are_none()
    {
        var (reason, tags) = Set(new Untagged(), new Policy("b", "x")).Decide(At(1), [])!.Value;
        Assert.Equal("a, b", reason);
        Assert.Equal(["x"], tags.ToArray());
    }

    [Fact]
    public void A_policy_that_throws_says_no_and_keeps_everything()
    {
        var failing = new TestPolicy(new() { Fail = true });
        Assert.Null(Set(failing).Decide(At(3), []));
        Assert.Equal("b", Set(failing, new Policy("b")).Decide(At(3), [])!.Value.Reason);
        Assert.Equal(["a", "b", "c"], Set(new Keeping(_ => throw new FormatException()), new Policy(null)).Keep([Saved("c"), Saved("b"), Saved("a")]).Order());
    }

    [Fact]
    public void A_policy_that_throws_while_its_answer_is_read_keeps_everything()
    {
        static IEnumerable<string> Lazy()
        {
            yield return "b";
            throw new FormatException();
        }

        Assert.Equal(["a", "b", "c"], Set(new Keeping(_ => Lazy())).Keep([Saved("c"), Saved("b"), Saved("a")]).Order());
    }

    [Fact]
    public void The_newest_is_kept_whatever_the_policies_say() => Gen.Select(Gen.Int[1, 9], Gen.Int[0, 9]).Sample((count, wanted) =>
    {
        var saved = Enumerable.Range(0, count).Select(i => Saved($"{i}")).ToList();
        var keep = Set(new Keeping(_ => [$"{wanted}"])).Keep(saved);
        Assert.Contains("0", keep);
        Assert.Contains($"{wanted}", keep);
    });

    private static PolicySet Set(params ICheckpointPolicy[] policies) => new([.. policies.Select((policy, i) => ($"policy {i}", policy))], NullLogger.Instance);

    private static TrainingProgress At(long episode) => new() { Episode = episode, MaxEpisodes = 1000 };

    private static SavedCheckpoint Saved(string id) => new() { Id = id, RunId = "run", Episode = 1, Timestamp = default };

    private sealed class Policy(string? reason, params string[] tags) : ICheckpointPolicy
    {
        public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) =>
            reason is null ? SaveDecision.Skip : SaveDecision.Save(reason, [.. tags]);
    }

    private sealed class Untagged : ICheckpointPolicy
    {
        public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) => SaveDecision.Save("a", tags: default);
    }

    private sealed class Keeping(Func<IReadOnlyList<SavedCheckpoint>, IEnumerable<string>> keep) : ICheckpointPolicy
    {
        public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) => SaveDecision.Skip;

        public IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved) => keep(saved);
    }
}
