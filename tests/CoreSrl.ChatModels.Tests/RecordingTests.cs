using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.ChatModels.Tests.Support;
using CoreSrl.ChatServers;

namespace CoreSrl.ChatModels.Tests;

/// <summary>Recording what was asked, and answering from it.</summary>
public sealed class RecordingTests : IDisposable
{
    private static readonly Observation Sum = new("2+3=", "4", "5", "6");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coresrl-");

    private string FilePath => Path.Combine(_folder.FullName, "deeper", "recording.jsonl");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("openai")]
    [InlineData("claude")]
    public async Task What_was_asked_before_is_not_asked_again_and_counts_the_same(string protocol)
    {
        await using var server = await ChatServer.StartAsync(asked => new($"answer {asked.Number}")); // No two answers are alike.
        var (first, firstState) = await PlayAsync(server.Options(protocol), "a", "b", "c");
        Assert.Equal(3, server.Requests.Count);

        var (second, secondState) = await PlayAsync(server.Options(protocol), "a", "b", "c", "d");

        Assert.Equal(4, server.Requests.Count);
        Assert.Equal(first, second.Take(3));
        Assert.Equal(30, (int)firstState["usage"]!["output_tokens"]!);
        Assert.Equal(40, (int)secondState["usage"]!["output_tokens"]!);
        var lines = File.ReadAllLines(FilePath);
        Assert.Equal(4, lines.Length);
        Assert.Equal(first.Order(), lines.Take(3).Select(line => (string)JsonNode.Parse(line)!["answer"]!["text"]!).Order());
        Assert.DoesNotContain(Players.Key, File.ReadAllText(FilePath), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attempts_seeds_settings_and_models_are_told_apart()
    {
        await using var server = await ChatServer.StartAsync(_ => new("what?"));
        var options = Players.OpenAI(server);
        await PlayAsync(options, Sum); // Three attempts.
        await PlayAsync(options with { Temperature = 0.5 }, Sum);
        await PlayAsync(options with { Model = "gpt-other" }, Sum);
        await PlayAsync(options with { MaxTokens = 21 }, Sum);
        await PlayAsync(options with { SystemPrompt = "Hm." }, Sum);
        await PlayAsync(Players.Claude(server) with { Model = options.Model }, Sum);
        await PlayAsync(options, new Observation("other"), Sum);

        Assert.Equal((6 * 3) + 1 + 3, server.Requests.Count);
        Assert.Equal(server.Requests.Count, File.ReadLines(FilePath).Count());
    }

    [Fact]
    public async Task Replay_asks_nobody_and_needs_no_key()
    {
        await using var server = await ChatServer.StartAsync(asked => new($"answer {asked.Number}"));
        var (first, _) = await PlayAsync(server.Options("claude"), "a");
        var replaying = Players.Claude(server) with { ReplayOnly = true, ApiKeyVariable = "CORESRL_TEST_NO_SUCH_KEY" };

        var (second, _) = await PlayAsync(replaying, "a");
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => PlayAsync(replaying, "b"));

        Assert.Equal(first, second);
        Assert.Single(server.Requests);
        Assert.Matches(@"^model 'model_1': .*recording\.jsonl holds no answer to the request [0-9a-f]{32} \('b', seed 1, attempt 0\), and ReplayOnly asks nobody; leave it out to ask 127\.0\.0\.1:\d+$", failure.Message);
        File.Delete(FilePath);
        Assert.Contains("is not there", (await Assert.ThrowsAnyAsync<Exception>(() => PlayAsync(replaying, "a"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(-1)]
    [InlineData(0, 5000)]
    public async Task A_torn_last_line_is_cut_off(int kept, int zeros = 0)
    {
        await using var server = await ChatServer.StartAsync(asked => new($"answer {asked.Number}"));
        await PlayAsync(Players.OpenAI(server), "a", "b");
        var bytes = File.ReadAllBytes(FilePath);
        var start = Array.IndexOf(bytes, (byte)'\n') + 1;
        File.WriteAllBytes(FilePath, [.. bytes[..(kept < 0 ? bytes.Length - 1 : start + kept)], .. new byte[zeros]]);

        var (texts, _) = await PlayAsync(Players.OpenAI(server), "a", "b", "c");

        Assert.Equal(4, server.Requests.Count);
        Assert.Equal(3, File.ReadAllLines(FilePath).Select(line => JsonNode.Parse(line)!["key"]!.ToString()).Distinct().Count());
        Assert.Equal(texts, (await PlayAsync(Players.OpenAI(server), "a", "b", "c")).Texts);
    }

    [Theory]
    [InlineData("{ \"key\": \"00\", ")]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    public async Task A_damaged_line_is_told_with_its_number_and_left_as_it_is(string damaged)
    {
        await using var server = await ChatServer.StartAsync(Answers.AtRandom);
        await PlayAsync(Players.OpenAI(server), "a", "b", "c");
        var lines = File.ReadAllLines(FilePath);
        lines[1] = damaged;
        File.WriteAllLines(FilePath, lines);

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => Options(Players.OpenAI(server)).PlayerAsync());

        Assert.Contains($"Recording {FilePath} is damaged in line 2", failure.Message, StringComparison.Ordinal);
        Assert.Equal(lines, File.ReadAllLines(FilePath));
    }

    [Theory]
    [InlineData("a file of something else, without a line's end")]
    [InlineData("{ \"Training\": { \"Seed\": 7 } }")]
    [InlineData("x")]
    public async Task A_file_that_is_no_recording_is_told_and_left_as_it_is(string content)
    {
        await using var server = await ChatServer.StartAsync(Answers.AtRandom);
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        File.WriteAllText(FilePath, content);

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => Options(Players.OpenAI(server)).PlayerAsync());

        Assert.Contains($"{FilePath} is no recording", failure.Message, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(FilePath));
    }

    [Fact]
    public async Task Two_models_cannot_share_a_file_while_they_play()
    {
        await using var server = await ChatServer.StartAsync(Answers.AtRandom);
        await using var first = await Options(Players.OpenAI(server)).PlayerAsync();

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => Options(Players.Claude(server)).PlayerAsync());

        Assert.Contains("Each model of each run needs a file of its own", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_was_out_of_reach_is_so_again_for_who_sat_out()
    {
        var isDown = true;
        await using var server = await ChatServer.StartAsync(_ => isDown ? new("") { Status = 503 } : new("5"));
        var options = Players.OpenAI(server) with { WhenUnavailable = "sit-out", Retries = 0 };
        var (first, _) = await PlayAsync(options, "a", "b");
        isDown = false;

        var (second, state) = await PlayAsync(options, "a", "b");

        Assert.Equal(["", ""], first);
        Assert.Equal(["", ""], second);
        Assert.Equal(2, (int)state["usage"]!["sat_out_turns"]!);
        Assert.Contains("\"unavailable\":\"127.0.0.1:", File.ReadAllText(FilePath), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_was_out_of_reach_is_asked_again_by_who_stopped()
    {
        var isDown = true;
        await using var server = await ChatServer.StartAsync(asked => isDown && asked.Question == "b" ? new("") { Status = 503 } : new(asked.Question));
        var options = Players.OpenAI(server) with { Retries = 0, Parallelism = 1 };
        await Assert.ThrowsAnyAsync<Exception>(() => PlayAsync(options, "a", "b"));
        isDown = false;

        var (texts, _) = await PlayAsync(options, "a", "b");

        Assert.Equal(["a", "b"], texts);
        Assert.Equal(3, server.Requests.Count);
    }

    private T Options<T>(T options)
        where T : Plugins.ChatModels.ChatModelOptions => options with { Recording = FilePath };

    private Task<(IReadOnlyList<string> Texts, JsonObject State)> PlayAsync(Plugins.ChatModels.ChatModelOptions options, params string[] prompts) =>
        PlayAsync(options, [.. prompts.Select(prompt => new Observation(prompt))]);

    private async Task<(IReadOnlyList<string> Texts, JsonObject State)> PlayAsync(Plugins.ChatModels.ChatModelOptions options, params Observation[] observations)
    {
        await using var player = await Options(options).PlayerAsync();
        var responses = await player.AskAsync(observations);
        await player.LearnAsync([.. observations.Zip(responses).Select(play => (play.First, play.Second, 0.0))]);
        return ([.. responses.Select(response => response.Text)], player.CaptureState());
    }
}
