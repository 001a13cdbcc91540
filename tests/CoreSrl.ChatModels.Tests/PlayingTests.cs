using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.ChatModels.Tests.Support;
using CoreSrl.ChatServers;
using CoreSrl.Plugins.ChatModels;

namespace CoreSrl.ChatModels.Tests;

/// <summary>What a player asks, and what it makes of the answers.</summary>
public sealed class PlayingTests
{
    private static readonly Observation Sum = new("2+3=", "4", "5", "6");

    private static readonly string[] TheChoices = ["4", "5", "6"];

    [Theory]
    [InlineData("openai")]
    [InlineData("claude")]
    public async Task A_question_goes_out_with_its_choices_and_settings(string protocol)
    {
        await using var server = await ChatServer.StartAsync(_ => new("5"), Players.Key);
        await using var player = await server.Options(protocol, options => (options is OpenAIOptions open ? open with { Temperature = 0.5 } : options) with { SystemPrompt = "Be brief." }).PlayerAsync();

        var response = (await player.AskAsync(Sum))[0];

        Assert.Equal("5", response.Text);
        var asked = Assert.Single(server.Requests);
        Assert.Equal(protocol, asked.Protocol);
        Assert.Equal(protocol == "openai" ? "gpt-test" : "claude-test", asked.Model);
        Assert.Equal([("system", "Be brief."), ("user", asked.Question)], asked.Messages);
        Assert.StartsWith("2+3=\n", asked.Question, StringComparison.Ordinal);
        Assert.Equal(TheChoices, asked.Choices);
        Assert.Equal(protocol == "openai" ? 0.5 : null, (double?)asked.Body["temperature"]);
        Assert.Equal(20, (int)(asked.Body["max_completion_tokens"] ?? asked.Body["max_tokens"])!);
        Assert.Equal(Players.Key, asked.Key);
        Assert.NotEqual(true, (bool?)asked.Body["stream"]);
    }

    [Fact]
    public async Task A_seed_of_31_bits_goes_to_servers_that_take_one()
    {
        await using var server = await ChatServer.StartAsync(_ => new("5"));
        await using var player = await Players.OpenAI(server).PlayerAsync();

        await player.ActAsync([new(Sum, ulong.MaxValue), new(Sum, 1UL << 33)], default);

        Assert.Equal([1L, int.MaxValue], server.Requests.Select(asked => (long)asked.Body["seed"]!).Order());
        await using var silent = await (Players.OpenAI(server) with { SendSeed = false }).PlayerAsync();
        await silent.AskAsync(Sum);
        Assert.False(server.Requests[2].Body.ContainsKey("seed"));
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("claude")]
    public async Task Free_text_comes_back_as_it_is(string protocol)
    {
        await using var server = await ChatServer.StartAsync(asked => new(asked.Question.Contains("nothing", StringComparison.Ordinal) ? "" : " Two\nlines. "));
        await using var player = await server.Options(protocol).PlayerAsync();

        var responses = await player.AskAsync(new("Write."), new("   "));

        Assert.Equal([" Two\nlines. ", ""], responses.Select(response => response.Text));
        Assert.DoesNotContain(server.Requests, asked => string.IsNullOrWhiteSpace(asked.Question)); // Servers refuse blank messages.
    }

    [Fact]
    public async Task What_is_none_of_the_choices_is_asked_again()
    {
        await using var server = await ChatServer.StartAsync(asked => new(asked.Messages.Count == 1 ? "Who knows?" : "It is 5."));
        await using var player = await Players.OpenAI(server).PlayerAsync();

        var response = (await player.AskAsync(Sum))[0];
        await player.LearnAsync((Sum, response, 1));

        Assert.Equal("5", response.Text);
        Assert.Equal(["user", "assistant", "user"], server.Requests[1].Messages.Select(message => message.Role));
        Assert.Equal("Who knows?", server.Requests[1].Messages[1].Text);
        Assert.Equal(TheChoices, server.Requests[1].Choices);
        Assert.Equal((2, 200, 20), player.Usage("requests", "input_tokens", "output_tokens"));
        Assert.Equal((1, 0, 0), player.Usage("turns", "drawn_turns", "sat_out_turns"));
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("claude")]
    public async Task What_stays_none_of_the_choices_is_drawn_by_the_seed_and_counted(string protocol)
    {
        await using var server = await ChatServer.StartAsync(asked => new(asked.Messages.Count == 1 ? "" : "4 or 5"));
        await using var player = await server.Options(protocol, options => options with { Parallelism = 64 }).PlayerAsync();

        var requests = Enumerable.Range(0, 60).Select(seed => new ModelRequest(Sum, (ulong)seed)).ToList();
        var responses = await player.ActAsync(requests, default);
        var again = await player.ActAsync(requests, default);
        await player.LearnAsync([.. responses.Select(response => (Sum, response, 0.0))]);

        Assert.Equal(2 * 3 * 60, server.Requests.Count);
        Assert.Equal(responses.Select(response => response.Text), again.Select(response => response.Text));
        Assert.All(TheChoices, choice => Assert.InRange(responses.Count(response => response.Text == choice), 8, 35));
        Assert.All(responses, response => Assert.Equal(-Math.Log(3), response.LogProbabilities[0], 6));
        Assert.Equal((60, 60, 180), player.Usage("turns", "drawn_turns", "requests"));
    }

    [Fact]
    public async Task Answers_keep_their_order_and_no_more_are_under_way_than_allowed()
    {
        await using var server = await ChatServer.StartAsync(asked => new(asked.Question) { Delay = TimeSpan.FromMilliseconds(200 - (10 * asked.Number % 200)) });
        await using var player = await (Players.OpenAI(server) with { Parallelism = 3 }).PlayerAsync();
        Observation[] observations = [.. Enumerable.Range(0, 10).Select(number => new Observation($"number {number}"))];

        var responses = await player.AskAsync(observations);

        Assert.Equal(observations.Select(observation => observation.Prompt), responses.Select(response => response.Text));
        Assert.Equal(3, server.MostAtOnce);
    }

    [Fact]
    public async Task Playing_shows_in_the_state_when_it_is_learned_from()
    {
        await using var server = await ChatServer.StartAsync(_ => new("5"));
        await using var player = await (Players.OpenAI(server) with { InputPrice = 2, OutputPrice = 10 }).PlayerAsync();
        var before = player.CaptureState().ToJsonString();

        var responses = await player.AskAsync(Sum, Sum);
        Assert.Equal(before, player.CaptureState().ToJsonString());
        await player.LearnAsync((Sum, responses[0], 1), (Sum, responses[1], 1));

        var usage = player.CaptureState()["usage"]!;
        Assert.True(JsonNode.DeepEquals(usage, JsonNode.Parse("""
            { "turns": 2, "drawn_turns": 0, "sat_out_turns": 0, "requests": 2, "input_tokens": 200, "output_tokens": 20, "estimated_requests": 0, "cost": 0.0006 }
            """)), usage.ToJsonString());
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("claude")]
    public async Task What_a_server_does_not_count_is_estimated_and_told_once(string protocol)
    {
        await using var server = await ChatServer.StartAsync(_ => new("5") { TellsUsage = false });
        var notes = new Notes();
        await using var player = await server.Options(protocol).PlayerAsync(notes);

        var responses = await player.AskAsync(Sum, Sum);
        await player.LearnAsync((Sum, responses[0], 1), (Sum, responses[1], 1));

        Assert.Equal((2, 2 * (4 + 1)), player.Usage("estimated_requests", "output_tokens"));
        Assert.InRange(player.Usage("input_tokens"), 2 * 10, 2 * 60);
        Assert.Contains("does not say how many tokens it took", Assert.Single(notes.Warnings), StringComparison.Ordinal);
    }
}
