using CoreSrl.Abstractions;
using CoreSrl.ChatModels.Tests.Support;
using CoreSrl.ChatServers;
using CoreSrl.Testing;

namespace CoreSrl.ChatModels.Tests;

/// <summary>What every backend promises.</summary>
public sealed class ConformanceTests : IAsyncLifetime
{
    private ChatServer? _server;

    public static TheoryData<string> Rules => [.. BackendConformance.Rules.Select(rule => rule.Name)];

    public async Task InitializeAsync() => _server = await ChatServer.StartAsync(Answers.AtRandom, Players.Key);

    public async Task DisposeAsync() => await _server!.DisposeAsync();

    [Theory]
    [MemberData(nameof(Rules))]
    public Task Openai_keeps_the_rule(string rule) => CheckAsync(() => (Players.OpenAI(_server!) with { Parallelism = 16 }).Backend(), rule);

    [Theory]
    [MemberData(nameof(Rules))]
    public Task Claude_keeps_the_rule(string rule) => CheckAsync(() => (Players.Claude(_server!) with { Parallelism = 16 }).Backend(), rule);

    private static Task CheckAsync(Func<IModelBackend> create, string rule) =>
        new BackendConformance(create, new() { Steps = 80 }).CheckAsync(rule);
}
