using CoreSrl.Abstractions;
using CoreSrl.Plugins.Environments;
using CoreSrl.Testing.Tests.Memories;

namespace CoreSrl.Testing.Tests.Environments;

public sealed class EnvironmentKitTests
{
    private static readonly EnvironmentConformanceOptions Options = new() { Seed = 7, MaxSteps = 20 };

    private static readonly Dictionary<string, Func<IEnvironment>> Own = new()
    {
        ["coop-compete"] = () => new CoopCompeteEnvironment(new()),
        ["coop-compete with noise"] = () => new CoopCompeteEnvironment(new() { Noise = 0.3, Rounds = 10, CooperationLevel = 1 }),
        ["question-answer"] = () => new QuestionAnswerEnvironment(new()),
        ["question-answer as a race"] = () => new QuestionAnswerEnvironment(new() { Mode = QuestionMode.Race, QuestionsPerGame = 7, WrongReward = -1 }),
    };

    public static TheoryData<string> Rules => Kit.Names(EnvironmentConformance.Rules);

    public static TheoryData<string> Names => [.. Own.Keys];

    [Theory]
    [MemberData(nameof(Rules))]
    public Task A_good_environment_keeps_the_rule(string rule) => new EnvironmentConformance(() => new GoodGame()).CheckAsync(rule);

    [Theory]
    [MemberData(nameof(Rules))]
    public Task A_good_environment_with_a_memory_keeps_the_rule(string rule) => new EnvironmentConformance(() => new CountingGame(new Memory())).CheckAsync(rule);

    [Theory]
    [MemberData(nameof(Rules))]
    public Task An_environment_that_breaks_the_rule_breaks_just_it(string rule) => Kit.BreaksJustAsync(rule, new EnvironmentConformance(BrokenGames.ByRule[rule], Options));

    [Theory]
    [MemberData(nameof(Names))]
    public Task The_plugins_environments_keep_all_rules(string name) => new EnvironmentConformance(Own[name]).CheckAllAsync();

    [Fact]
    public Task An_author_can_say_how_a_game_is_played() =>
        new EnvironmentConformance(() => new GoodGame(), new() { Answer = (asked, random) => asked.Choices.IsEmpty ? $"{random.Next()}" : "left" }).CheckAllAsync();
}
