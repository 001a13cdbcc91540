using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Policies;
using static CoreSrl.Tests.Checkpoints.Policies.Facts;

namespace CoreSrl.Tests.Checkpoints.Policies;

/// <summary>Policies that answer as one.</summary>
public sealed class CombiningPolicyTests
{
    private static readonly ICheckpointPolicy Twos = new IntervalPolicy(new() { Episodes = 2 });
    private static readonly ICheckpointPolicy Threes = new IntervalPolicy(new() { Episodes = 3 });
    private static readonly ICheckpointPolicy Seven = new AtEpisodesPolicy(new() { Episodes = [7] });

    [Fact]
    public void Any_of_saves_when_any_wants_to() => Assert.Equal("2 3 4 6 8 9", Saves(new AnyOfPolicy([Twos, Threes])));

    [Fact]
    public void All_of_saves_when_all_want_to() => Assert.Equal("6", Saves(new AllOfPolicy([Twos, Threes])));

    [Fact]
    public void They_nest() => Assert.Equal("6 7", Saves(new AnyOfPolicy([new AllOfPolicy([Twos, new AnyOfPolicy([Threes])]), Seven])));

    [Fact]
    public void Reasons_and_tags_are_those_of_all_that_say_yes()
    {
        var tagged = new Answering(SaveDecision.Save("it is time", "a", "b"));
        var all = new AllOfPolicy([Twos, tagged, new Answering(SaveDecision.Save("so it is", "b"))]).Decide(At(2), []);
        Assert.Equal(("every 2 episodes and it is time and so it is", "a b"), (all.Reason, string.Join(' ', all.Tags)));
        var any = new AnyOfPolicy([Twos, tagged]).Decide(At(3), []);
        Assert.Equal(("it is time", "a b"), (any.Reason, string.Join(' ', any.Tags)));
    }

    [Fact]
    public void Both_keep_whatever_one_of_them_keeps()
    {
        ICheckpointPolicy[] members = [new KeepEveryPolicy(new() { Episodes = 4 }), new AnyOfPolicy([new KeepLastPolicy(new() { Count = 1 })])];
        Assert.Equal("4 8 9", Join(new AnyOfPolicy(members).Keep(History(1, 2, 3, 4, 5, 6, 7, 8, 9))));
        Assert.Equal("3 9", Join(new AllOfPolicy([new Answering(SaveDecision.Skip, "3"), new AnyOfPolicy([Twos, new KeepLastPolicy(new() { Count = 1 })])]).Keep(History(3, 9))));
    }

    [Fact]
    public void All_of_refuses_one_that_never_wants_to_save()
    {
        var problem = Assert.Throws<ArgumentException>(() => new AllOfPolicy([Twos, new KeepLastPolicy(new() { Count = 1 })]));
        Assert.StartsWith("KeepLastPolicy only says what stays and never wants to save, so all-of would never save. Put it beside all-of.", problem.Message, StringComparison.Ordinal);
        var nested = Assert.Throws<ArgumentException>(() => new AllOfPolicy([Twos, new AnyOfPolicy([new AnyOfPolicy([new KeepLastPolicy(new() { Count = 1 })])])]));
        Assert.StartsWith("AnyOfPolicy only says what stays and never wants to save", nested.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new AllOfPolicy([]));
        Assert.Throws<ArgumentException>(() => new AnyOfPolicy([]));
    }

    [Fact]
    public void What_members_remember_is_captured_and_given_back()
    {
        var counting = new Counting();
        var policy = new AllOfPolicy([Twos, new AnyOfPolicy([counting])]);
        Saves(policy);
        var state = policy.CaptureState();
        var other = new Counting();
        new AllOfPolicy([Twos, new AnyOfPolicy([other])]).RestoreState(JsonNode.Parse(state!.ToJsonString()));
        Assert.Equal((9, 9), (counting.Asked, other.Asked));
    }

    /// <summary>After which of the first nine episodes it saves.</summary>
    private static string Saves(ICheckpointPolicy policy) =>
        string.Join(' ', Enumerable.Range(1, 9).Where(episode => policy.Decide(At(episode), []).ShouldSave));

    private sealed class Answering(SaveDecision decision, params string[] keeps) : ICheckpointPolicy
    {
        public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) => decision;

        public IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved) => keeps;
    }

    private sealed class Counting : ICheckpointPolicy, IStatefulPlugin
    {
        public int Asked { get; private set; }

        public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved)
        {
            Asked++;
            return SaveDecision.Skip;
        }

        public JsonNode? CaptureState() => Asked;

        public void RestoreState(JsonNode? state) => Asked = (int)state!;
    }
}
