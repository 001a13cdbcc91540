using System.Diagnostics;
using CoreSrl.Abstractions;
using CoreSrl.ChatModels.Tests.Support;
using CoreSrl.ChatServers;
using CoreSrl.Plugins.ChatModels;

namespace CoreSrl.ChatModels.Tests;

/// <summary>Servers that do not answer.</summary>
public sealed class FailureTests
{
    private static readonly Observation Sum = new("2+3=", "4", "5", "6");

    [Theory]
    [InlineData("openai")]
    [InlineData("claude")]
    public async Task A_refused_key_names_the_variable_and_is_not_tried_again(string protocol)
    {
        await using var server = await ChatServer.StartAsync(Answers.AtRandom, "another key");

        var message = await FailAsync(server.Options(protocol));

        Assert.Equal($"model 'model_1': {server.Claude.Authority} refuses the key in {Players.KeyVariable} (401 Unauthorized); check the variable, and what the key allows", message);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("openai", 404, "knows no model")]
    [InlineData("claude", 404, "knows no model")]
    [InlineData("openai", 400, "refuses the request (400 BadRequest: It went wrong)")]
    [InlineData("claude", 400, "refuses the request (400 BadRequest: It went wrong)")]
    [InlineData("openai", 302, "sends elsewhere")]
    public async Task What_trying_again_does_not_mend_is_told_at_once(string protocol, int status, string told)
    {
        await using var server = await ChatServer.StartAsync(_ => new("") { Status = status });

        Assert.Contains(told, await FailAsync(server.Options(protocol, options => options with { WhenUnavailable = "sit-out" })), StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("openai", 429)]
    [InlineData("claude", 429)]
    [InlineData("openai", 500)]
    [InlineData("claude", 529)]
    public async Task A_busy_server_is_tried_again(string protocol, int status)
    {
        await using var server = await ChatServer.StartAsync(asked => asked.Number < 3 ? new("") { Status = status } : new("5"));
        var notes = new Notes();
        await using var player = await server.Options(protocol).PlayerAsync(notes);

        Assert.Equal("5", (await player.AskAsync(Sum))[0].Text);
        Assert.Equal(4, server.Requests.Count);
        Assert.Equal(3, notes.Warnings.Count);
        Assert.Contains($"cannot answer now ({status}", notes.Warnings[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("claude")]
    public async Task Retry_After_is_waited_for(string protocol)
    {
        await using var server = await ChatServer.StartAsync(asked => asked.Number == 0 ? new("") { Status = 429, RetryAfter = "1" } : new("5"));
        await using var player = await server.Options(protocol).PlayerAsync();
        var clock = Stopwatch.StartNew();

        await player.AskAsync(Sum);

        Assert.InRange(clock.Elapsed.TotalSeconds, 0.95, 10);
    }

    [Theory]
    [InlineData("openai", 0, 1)]
    [InlineData("claude", 0, 1)]
    [InlineData("openai", 2, 3)]
    [InlineData("claude", 2, 3)]
    public async Task A_server_that_stays_busy_stops_the_player(string protocol, int retries, int tries)
    {
        await using var server = await ChatServer.StartAsync(_ => new("") { Status = 503 });

        Assert.Contains("cannot answer now (503 ServiceUnavailable: It went wrong)", await FailAsync(server.Options(protocol, options => options with { Retries = retries })), StringComparison.Ordinal);
        Assert.Equal(tries, server.Requests.Count);
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("claude")]
    public async Task A_slow_server_is_given_up(string protocol)
    {
        await using var server = await ChatServer.StartAsync(_ => new("5") { Delay = TimeSpan.FromSeconds(30) });

        Assert.Contains("did not answer within 0.2 s (Timeout), tried 2 times", await FailAsync(server.Options(protocol, options => options with { Timeout = TimeSpan.FromSeconds(0.2), Retries = 1 })), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("claude")]
    public async Task A_server_that_is_down_is_told_as_such(string protocol)
    {
        Assert.Contains("no connection to 127.0.0.1:", await FailAsync(await DownAsync(protocol)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("claude")]
    public async Task What_is_no_answer_in_the_protocol_is_told_as_such(string protocol)
    {
        await using var server = await ChatServer.StartAsync(_ => new("") { Raw = "<html>" });

        Assert.Contains("cannot be read", await FailAsync(server.Options(protocol, options => options with { Retries = 0 })), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("claude")]
    public async Task Who_sits_out_draws_choices_until_its_next_update_and_says_so_once(string protocol)
    {
        var isDown = true;
        await using var server = await ChatServer.StartAsync(_ => isDown ? new("") { Status = 503 } : new("5"));
        var notes = new Notes();
        await using var player = await server.Options(protocol, options => options with { Retries = 0, WhenUnavailable = "sit-out", Parallelism = 2 }).PlayerAsync(notes);

        var responses = await player.AskAsync([.. Enumerable.Repeat(Sum, 60), new("Write.")]);

        Assert.Equal(2, server.Requests.Count); // Of the first wave; the others were not asked.
        Assert.Equal("", responses[60].Text);
        Assert.All(Sum.Choices, choice => Assert.InRange(responses.Count(response => response.Text == choice), 8, 35));
        Assert.All(responses.Take(60), response => Assert.Equal((-Math.Log(3), Math.Log(3)), (Math.Round(response.LogProbabilities[0], 6), Math.Round(response.Entropy, 6)), (a, b) => Math.Abs(a.Item1 - b.Item1) < 1e-5 && Math.Abs(a.Item2 - b.Item2) < 1e-5));
        Assert.Contains("sits out until its next update", Assert.Single(notes.Warnings), StringComparison.Ordinal);

        isDown = false;
        await player.AskAsync(Sum);
        Assert.Equal(2, server.Requests.Count);
        await player.LearnAsync([.. responses.Select(response => (Sum, response, 0.0))]);
        Assert.Equal("5", (await player.AskAsync(Sum))[0].Text);
        Assert.Equal((61, 61, 0), player.Usage("turns", "sat_out_turns", "requests"));
    }

    [Fact]
    public async Task Whether_it_sits_out_and_what_it_used_since_it_learned_is_remembered_beside_the_state()
    {
        var isDown = false;
        await using var server = await ChatServer.StartAsync(_ => isDown ? new("") { Status = 503 } : new("5"));
        var options = Players.OpenAI(server) with { Retries = 0, WhenUnavailable = "sit-out" };
        var backend = (OpenAIBackend)options.Backend();
        await using var player = await backend.PlayerAsync();
        Assert.Null(backend.CaptureState());
        await player.AskAsync(Sum);
        isDown = true;
        await player.AskAsync(Sum);
        isDown = false;

        var resumed = (OpenAIBackend)(options with { MaxRequests = 2 }).Backend();
        await using var other = await resumed.PlayerAsync();
        resumed.RestoreState(backend.CaptureState());
        await other.AskAsync(Sum);
        Assert.Equal(2, server.Requests.Count);

        await other.LearnAsync((Sum, new("5", [], [], 0), 1)); // A turn of which nobody knows what it took.
        await other.AskAsync(Sum, Sum);
        Assert.Equal(3, server.Requests.Count); // One of the two answered requests had been used.
    }

    private static async Task<ChatModelOptions> DownAsync(string protocol)
    {
        await using var server = await ChatServer.StartAsync(Answers.AtRandom);
        return server.Options(protocol, options => options with { Retries = 1 });
    }

    // No message shows the key, whatever the server says.
    private static async Task<string> FailAsync(ChatModelOptions options)
    {
        var notes = new Notes();
        await using var player = await options.PlayerAsync(notes);
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => player.AskAsync(Sum));
        Assert.DoesNotContain(Players.Key, failure.ToString(), StringComparison.Ordinal);
        Assert.All(notes.All, note => Assert.DoesNotContain(Players.Key, note.Text, StringComparison.Ordinal));
        return failure.Message;
    }
}
