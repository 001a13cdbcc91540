using System.Diagnostics;
using CoreSrl.Abstractions;
using CoreSrl.ChatModels.Tests.Support;
using CoreSrl.ChatServers;

namespace CoreSrl.ChatModels.Tests;

/// <summary>Limits on requests, tokens and money.</summary>
public sealed class LimitTests
{
    private static readonly Observation Sum = new("2+3=", "4", "5", "6");

    [Fact]
    public async Task No_more_requests_than_allowed_are_answered_and_the_rest_is_sat_out()
    {
        await using var server = await ChatServer.StartAsync(asked => new(asked.Number % 2 == 0 ? "none" : "5"));
        var notes = new Notes();
        await using var player = await (Players.OpenAI(server) with { MaxRequests = 7, WhenUnavailable = "sit-out", Parallelism = 5 }).PlayerAsync(notes);

        var responses = await player.AskAsync([.. Enumerable.Repeat(Sum, 20)]);
        await player.LearnAsync([.. responses.Select(response => (Sum, response, 0.0))]);
        await player.AskAsync(Sum);

        Assert.Equal(7, server.Requests.Count);
        Assert.Equal(7, player.Usage("requests"));
        Assert.InRange(player.Usage("sat_out_turns"), 13, 19);
        Assert.Equal("Model 'model_1' sits out from here on: all 7 requests of the run (MaxRequests) are used.", Assert.Single(notes.Warnings));
    }

    [Fact]
    public async Task A_budget_that_runs_out_stops_the_player_and_says_which()
    {
        await using var server = await ChatServer.StartAsync(_ => new("5"));
        await using var player = await (Players.OpenAI(server) with { MaxRequests = 2 }).PlayerAsync();

        await player.AskAsync(Sum, Sum);
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => player.AskAsync(Sum));

        Assert.Equal("model 'model_1': all 2 requests of the run (MaxRequests) are used; raise the limit, or set WhenUnavailable to sit-out", failure.Message);
    }

    [Fact]
    public async Task Tokens_stay_within_their_budget()
    {
        await using var server = await ChatServer.StartAsync(_ => new("5"));
        await using var player = await (Players.OpenAI(server) with { TokenBudget = 500, WhenUnavailable = "sit-out" }).PlayerAsync();

        var responses = await player.AskAsync([.. Enumerable.Repeat(Sum, 20)]);
        await player.LearnAsync([.. responses.Select(response => (Sum, response, 0.0))]);

        // Each says that it took 110, more than was estimated; what the next may take, must fit.
        Assert.Equal(4, server.Requests.Count);
        Assert.Equal(440, player.Usage("input_tokens") + player.Usage("output_tokens"));
    }

    [Fact]
    public async Task Money_stays_within_its_budget_over_a_resume()
    {
        await using var server = await ChatServer.StartAsync(_ => new("5"));
        var options = Players.OpenAI(server) with { MoneyBudget = 0.0041, InputPrice = 5, OutputPrice = 15, Parallelism = 1 };
        await using var player = await options.PlayerAsync();
        var responses = await player.AskAsync(Sum, Sum, Sum);
        await player.LearnAsync([.. responses.Select(response => (Sum, response, 0.0))]);
        Assert.Equal(0.00195m, (decimal)player.CaptureState()["usage"]!["cost"]!);

        await using var resumed = await options.PlayerAsync();
        resumed.RestoreState(player.CaptureState());
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => resumed.AskAsync([.. Enumerable.Repeat(Sum, 20)]));

        Assert.Contains("of the run's 0.0041 (MoneyBudget) is spent", failure.Message, StringComparison.Ordinal);
        Assert.Equal(6, server.Requests.Count); // 0.00065 each; a seventh may not fit.
    }

    [Fact]
    public async Task What_was_learned_from_counts_once()
    {
        await using var server = await ChatServer.StartAsync(_ => new("5"));
        await using var player = await (Players.OpenAI(server) with { MaxRequests = 4 }).PlayerAsync();

        for (var update = 0; update < 2; update++)
        {
            var responses = await player.AskAsync(Sum, Sum);
            await player.LearnAsync([.. responses.Select(response => (Sum, response, 0.0))]);
        }

        Assert.Equal(4, player.Usage("requests"));
        await Assert.ThrowsAnyAsync<Exception>(() => player.AskAsync(Sum));
    }

    [Fact]
    public async Task Requests_are_spaced_evenly()
    {
        await using var server = await ChatServer.StartAsync(_ => new("5"));
        await using var player = await (Players.OpenAI(server) with { RequestsPerMinute = 600, Parallelism = 20 }).PlayerAsync();
        var clock = Stopwatch.StartNew();

        await player.AskAsync([.. Enumerable.Repeat(Sum, 11)]);

        Assert.InRange(clock.Elapsed.TotalSeconds, 0.98, 20); // Ten gaps of a tenth of a second.
    }

    [Fact]
    public async Task Tokens_are_spaced_by_what_they_turn_out_to_be()
    {
        await using var server = await ChatServer.StartAsync(_ => new("5"));
        await using var player = await (Players.OpenAI(server) with { TokensPerMinute = 66_000, MaxTokens = 30_000, Parallelism = 1 }).PlayerAsync();
        var clock = Stopwatch.StartNew();

        await player.AskAsync([.. Enumerable.Repeat(Sum, 6)]);

        Assert.InRange(clock.Elapsed.TotalSeconds, 0.48, 20); // Five times 110 tokens, a tenth of a second each; not 30,000.
    }
}
