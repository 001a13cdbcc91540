using CoreSrl.Abstractions;
using CoreSrl.Testing.Tests.Policies;

namespace CoreSrl.Testing.Tests;

/// <summary>What every kit does.</summary>
public sealed class KitTests
{
    [Fact]
    public void Rules_have_names_of_words_and_hyphens_and_promises_that_are_sentences()
    {
        foreach (var rules in new[] { PolicyConformance.Rules, MetadataConformance.Rules, StorageConformance.Rules, BackendConformance.Rules, EnvironmentConformance.Rules })
        {
            Assert.Equal(rules.Count, rules.Select(rule => rule.Name).Distinct().Count());
            Assert.All(rules, rule => Assert.Matches("^[a-z]+(-[a-z]+)*$", rule.Name));
            Assert.All(rules, rule => Assert.Matches("^[A-Z].*[^.]\\.$", rule.Promise));
            Assert.All(rules, rule => Assert.Equal($"{rule.Name}: {rule.Promise}", rule.ToString()));
        }
    }

    [Fact]
    public async Task One_call_checks_all_rules_and_tells_each_that_is_not_kept()
    {
        await new PolicyConformance(() => new GoodPolicy()).CheckAllAsync();
        var error = await Assert.ThrowsAsync<ConformanceException>(() => new PolicyConformance(() => new ThrowsWithoutCheckpointsAndKeepsNull()).CheckAllAsync());
        Assert.StartsWith($"2 of {PolicyConformance.Rules.Count} rules are not kept:\n", error.Message, StringComparison.Ordinal);
        Assert.Contains("\nanswers-are-given (", error.Message, StringComparison.Ordinal);
        Assert.Contains("\nno-checkpoints-yet (", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_that_does_not_exist_is_refused_with_those_that_do()
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(() => new PolicyConformance(() => new GoodPolicy()).CheckAsync("no-such-rule"));
        Assert.StartsWith("There is no rule 'no-such-rule'; there are same-question-same-answer, ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plugin_that_hangs_is_given_up()
    {
        using var end = new ManualResetEventSlim();
        var kit = new PolicyConformance(() => new HangingPolicy(end), new() { Patience = TimeSpan.FromMilliseconds(200) });
        var error = await Assert.ThrowsAsync<ConformanceException>(() => kit.CheckAsync("no-checkpoints-yet"));
        Assert.Contains("expected an end within 0 s; there was none", error.Message, StringComparison.Ordinal);
        end.Set();
    }

    [Fact]
    public async Task A_check_can_be_cancelled()
    {
        using var end = new ManualResetEventSlim();
        using var cancelling = new CancellationTokenSource(100);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new PolicyConformance(() => new HangingPolicy(end)).CheckAllAsync(cancelling.Token));
        end.Set();
    }

    [Fact]
    public async Task What_can_be_disposed_of_is_disposed_of()
    {
        List<DisposablePolicy> made = [];
        await new PolicyConformance(() =>
        {
            made.Add(new());
            return made[^1];
        }).CheckAsync("same-question-same-answer");
        Assert.NotEmpty(made);
        Assert.All(made, policy => Assert.True(policy.Disposed));
    }

    [Fact]
    public async Task The_same_seed_finds_the_same()
    {
        var messages = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            var kit = new PolicyConformance(() => new ThrowsWithoutCheckpointsAndKeepsNull(), new() { Seed = 11 });
            messages.Add((await Assert.ThrowsAsync<ConformanceException>(() => kit.CheckAllAsync())).Message);
        }

        Assert.Equal(messages[0], messages[1]);
        Assert.Contains("(seed 11)", messages[0], StringComparison.Ordinal);
    }

    [Fact]
    public void The_kits_refer_to_the_contracts_alone() =>
        Assert.DoesNotContain(
            typeof(Conformance).Assembly.GetReferencedAssemblies().Select(reference => reference.Name!),
            name => name != "CoreSrl.Abstractions" && !name.StartsWith("System.", StringComparison.Ordinal));

    private sealed class ThrowsWithoutCheckpointsAndKeepsNull : GoodPolicy
    {
        public override SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) =>
            saved.Max(checkpoint => checkpoint.Episode) >= 0 ? base.Decide(progress, saved) : SaveDecision.Skip;

        public override IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved) => null!;
    }

    private sealed class HangingPolicy(ManualResetEventSlim end) : GoodPolicy
    {
        public override SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved)
        {
            end.Wait();
            return SaveDecision.Skip;
        }
    }

    private sealed class DisposablePolicy : GoodPolicy, IDisposable
    {
        public bool Disposed { get; private set; }

        public void Dispose() => Disposed = true;
    }
}
