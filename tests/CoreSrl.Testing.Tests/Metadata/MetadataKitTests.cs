using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Plugins.CustomMetrics;
using CoreSrl.Testing.Tests.Memories;

namespace CoreSrl.Testing.Tests.Metadata;

public sealed class MetadataKitTests
{
    private static readonly MetadataConformanceOptions Options = new() { Seed = 7 };

    public static TheoryData<string> Rules => Kit.Names(MetadataConformance.Rules);

    [Theory]
    [MemberData(nameof(Rules))]
    public Task A_good_contributor_keeps_the_rule(string rule) => new MetadataConformance(() => new GoodContributor()).CheckAsync(rule);

    [Theory]
    [MemberData(nameof(Rules))]
    public Task A_good_contributor_with_a_memory_keeps_the_rule(string rule) => new MetadataConformance(() => new CountingContributor(new Memory())).CheckAsync(rule);

    [Theory]
    [MemberData(nameof(Rules))]
    public Task A_contributor_that_breaks_the_rule_breaks_just_it(string rule) => Kit.BreaksJustAsync(rule, new MetadataConformance(BrokenContributors.ByRule[rule], Options));

    [Theory]
    [InlineData(3)]
    [InlineData(50)]
    public Task Custom_metrics_keeps_all_rules(int window) => new MetadataConformance(() => new CustomMetricsContributor(new() { Window = window })).CheckAllAsync();

    [Fact]
    public async Task What_a_clock_decides_may_vary_when_its_name_says_so_or_the_options_do()
    {
        await new MetadataConformance(() => new Clock("wait_seconds")).CheckAllAsync();
        await new MetadataConformance(() => new Clock("free_memory"), new() { Varying = ["free_memory"] }).CheckAllAsync();
        await Assert.ThrowsAsync<ConformanceException>(() => new MetadataConformance(() => new Clock("free_memory")).CheckAllAsync());
    }

    private sealed class Clock(string name) : IMetadataContributor
    {
        public IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode) => new Dictionary<string, JsonNode?> { [name] = Environment.TickCount64 + Random.Shared.Next(1_000) };
    }
}
