using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.ChatModels.Tests.Support;
using CoreSrl.ChatServers;

namespace CoreSrl.ChatModels.Tests;

/// <summary>Learning in context, from a memory of plays.</summary>
public sealed class MemoryTests
{
    private static readonly Observation Sum = new("2+3=", "4", "5", "6");
    private static readonly Observation Other = new("1+1=", "2", "3");

    [Theory]
    [InlineData("openai")]
    [InlineData("claude")]
    public async Task It_raises_reward_against_a_server_that_honours_its_context(string protocol)
    {
        // A real model answers the same question now so and now so; one of the protocols has no seed that could decide it.
        await using var server = await ChatServer.StartAsync(asked => Answers.FromContext(asked, _ => new(asked.Choices[(int)((asked.Number * 0.618034 % 1) * 3)])));
        await using var learning = await server.Options(protocol).PlayerAsync();
        await using var forgetful = await server.Options(protocol, options => options with { MemoryTokens = 0 }).PlayerAsync();

        var (first, last) = await TrainAsync(learning);
        var (_, without) = await TrainAsync(forgetful);

        Assert.InRange(first, 0, 0.6);
        Assert.InRange(last, first + 0.3, 1);
        Assert.InRange(without, 0, 0.6);
        Assert.True(last > 0.8, $"{first:F2}, then {last:F2}");

        // The mean reward of the first and the last of some updates. The server knows no answers, so that it can but repeat what earned.
        static async Task<(double First, double Last)> TrainAsync(IModel player)
        {
            const int Updates = 20;
            var rewards = new List<double>();
            for (var update = 0; update < Updates; update++)
            {
                var requests = Enumerable.Range(0, 32).Select(turn => new ModelRequest(Question(turn % 8), (ulong)((update * 1000) + turn) << 33)).ToList();
                var responses = await player.ActAsync(requests, default);
                var plays = requests.Zip(responses).Select((play, turn) => (play.First.Observation, play.Second, play.Second.Text == Right(turn % 8) ? 1.0 : 0)).ToArray();
                rewards.Add(plays.Average(play => play.Item3));
                await player.LearnAsync(plays);
            }

            return (rewards[0], rewards.TakeLast(3).Average());
        }

        // What is right is no more to be guessed than what is wrong.
        static Observation Question(int number) => new($"Riddle {number}?", "red", "green", "blue");

        static string Right(int number) => new[] { "red", "green", "blue" }[(number * 7) % 3];
    }

    [Fact]
    public async Task Only_what_did_better_than_other_answers_is_an_example_and_the_own_situation_comes_last()
    {
        await using var server = await ChatServer.StartAsync(Answers.AtRandom);
        await using var player = await (Players.OpenAI(server) with { Exploration = 0 }).PlayerAsync();
        await player.LearnAsync(Play(Sum, "4", 0), Play(Sum, "5", 1), Play(Other, "2", 0.5), Play(Other, "3", 0.1), Play(new("Always?", "y", "n"), "y", 9));

        await player.AskAsync(Sum, Other);

        var (first, second) = (server.Requests.Single(asked => asked.Question.StartsWith("2+3", StringComparison.Ordinal)), server.Requests.Single(asked => asked.Question.StartsWith("1+1", StringComparison.Ordinal)));
        Assert.Equal(["user", "assistant", "user", "assistant", "user"], first.Messages.Select(message => message.Role));
        Assert.Equal(["2", "5"], first.Messages.Where(message => message.Role == "assistant").Select(message => message.Text));
        Assert.Equal(first.Question, first.Messages[2].Text);
        Assert.Equal(["5", "2"], second.Messages.Where(message => message.Role == "assistant").Select(message => message.Text));
    }

    [Fact]
    public async Task Some_requests_go_without_an_example_by_their_seed()
    {
        await using var server = await ChatServer.StartAsync(Answers.AtRandom);
        await using var player = await (Players.OpenAI(server) with { Exploration = 0.5, Parallelism = 100 }).PlayerAsync();
        await player.LearnAsync(Play(Sum, "4", 0), Play(Sum, "5", 1));

        await player.AskAsync([.. Enumerable.Repeat(Sum, 100)]);

        Assert.InRange(server.Requests.Count(asked => asked.Messages.Count == 1), 30, 70);
    }

    [Fact]
    public async Task It_stays_within_its_tokens_and_keeps_what_did_best()
    {
        await using var server = await ChatServer.StartAsync(Answers.AtRandom);
        await using var player = await (Players.OpenAI(server) with { MemoryTokens = 200, Exploration = 0 }).PlayerAsync();
        for (var number = 0; number < 40; number++)
        {
            var riddle = new Observation($"Riddle number {number}?", "yes", "no");
            await player.LearnAsync(Play(riddle, "no", 0), Play(riddle, "yes", number == 7 ? 100 : number));
        }

        var memory = player.CaptureState()["memory"]!.AsArray();
        Assert.InRange(memory.Count, 3, 10);
        Assert.Contains(memory, situation => (string?)situation!["prompt"] == "Riddle number 7?");
        Assert.Contains(memory, situation => (string?)situation!["prompt"] == "Riddle number 39?");
        Assert.DoesNotContain(memory, situation => (string?)situation!["prompt"] == "Riddle number 3?");
        await player.AskAsync(Sum);
        Assert.Equal((memory.Count * 2) + 1, server.Requests[0].Messages.Count);
        Assert.InRange(server.Requests[0].Messages.SkipLast(1).Sum(message => (message.Text.Length / 4) + 4), 50, 200);
    }

    [Fact]
    public async Task A_single_play_that_is_too_long_is_not_kept()
    {
        await using var server = await ChatServer.StartAsync(Answers.AtRandom);
        await using var player = await (Players.OpenAI(server) with { MemoryTokens = 50 }).PlayerAsync();

        await player.LearnAsync(Play(new("Write."), new string('x', 1000), 1), Play(new("Write."), "short", 0));

        var answers = player.CaptureState()["memory"]![0]!["answers"]!.AsArray();
        Assert.Equal("short", (string?)Assert.Single(answers)!["text"]);
    }

    [Fact]
    public async Task It_is_the_state_and_is_restored_with_it()
    {
        await using var server = await ChatServer.StartAsync(Answers.FromContext);
        await using var player = await Players.OpenAI(server).PlayerAsync();
        await player.LearnAsync(Play(Sum, "4", 0.1), Play(Sum, "5", 1.0 / 3), Play(new("Say."), "ok", double.MaxValue), Play(new("Say."), " ", 1), Play(new("Say."), "no", double.NaN));
        var state = player.CaptureState().ToJsonString();
        Assert.Equal("""
            [{"prompt":"2+3=","choices":["4","5","6"],"plays":2,"total_return":0.43333333333333335,"answers":[{"text":"4","plays":1,"total_return":0.1},{"text":"5","plays":1,"total_return":0.3333333333333333}]},{"prompt":"Say.","choices":[],"plays":1,"total_return":1000000000000,"answers":[{"text":"ok","plays":1,"total_return":1000000000000}]}]
            """, player.CaptureState()["memory"]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));

        // Another model's name does not matter: texts are of use to any.
        await using var restored = await (Players.OpenAI(server) with { Model = "gpt-other", Exploration = 0 }).PlayerAsync();
        restored.RestoreState(JsonNode.Parse(state)!.AsObject());

        Assert.Equal("5", (await restored.AskAsync(Sum))[0].Text);
        Assert.Equal(state.Replace("gpt-test", "gpt-other", StringComparison.Ordinal), restored.CaptureState().ToJsonString());
    }

    [Theory]
    [InlineData("""[{ "prompt": "a", "choices": [], "plays": 1, "total_return": 1, "answers": [] }]""")]
    [InlineData("""[{ "prompt": "a", "choices": [], "plays": 0, "total_return": 1, "answers": [{ "text": "b", "plays": 1, "total_return": 1 }] }]""")]
    [InlineData("""[{ "prompt": "a", "choices": [], "plays": 1, "total_return": 1, "answers": [{ "text": "b", "plays": 0, "total_return": 1 }] }]""")]
    [InlineData("""[{ "prompt": "a", "choices": [], "plays": 1, "total_return": 1, "answers": [{ "text": null, "plays": 1, "total_return": 1 }] }]""")]
    [InlineData("""[null]""")]
    public async Task A_memory_that_cannot_be_is_refused(string memory)
    {
        await using var server = await ChatServer.StartAsync(Answers.AtRandom);
        await using var player = await Players.OpenAI(server).PlayerAsync();
        var before = player.CaptureState();
        var state = JsonNode.Parse(before.ToJsonString())!.AsObject();
        state["memory"] = JsonNode.Parse(memory);

        Assert.Throws<FormatException>(() => player.RestoreState(state));
        Assert.Equal(before.ToJsonString(), player.CaptureState().ToJsonString());
    }

    private static (Observation, ModelResponse, double) Play(Observation observation, string answer, double gained) => (observation, new(answer, [], [], 0), gained);
}
