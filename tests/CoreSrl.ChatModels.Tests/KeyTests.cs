using CoreSrl.ChatModels.Tests.Support;
using CoreSrl.ChatServers;

namespace CoreSrl.ChatModels.Tests;

/// <summary>Keys come from the environment alone, and are never shown.</summary>
public sealed class KeyTests
{
    private const string Unset = "CORESRL_TEST_NO_SUCH_KEY";

    [Fact]
    public async Task Without_a_key_there_is_no_player()
    {
        await using var server = await ChatServer.StartAsync(Answers.AtRandom);

        var claude = await Assert.ThrowsAsync<InvalidOperationException>(() => (Players.Claude(server) with { ApiKeyVariable = Unset }).PlayerAsync());
        var remote = await Assert.ThrowsAsync<InvalidOperationException>(() => (Players.OpenAI(server) with { ApiKeyVariable = Unset, BaseAddress = new("https://chat.example/v1") }).PlayerAsync());

        Assert.Equal($"the environment variable {Unset} is not set. It must hold the key to 127.0.0.1; ApiKeyVariable chooses another variable.", claude.Message);
        Assert.Contains("the key to chat.example", remote.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_of_this_machine_may_need_none()
    {
        await using var server = await ChatServer.StartAsync(Answers.AtRandom);
        await using var player = await (Players.OpenAI(server) with { ApiKeyVariable = Unset }).PlayerAsync();

        await player.AskAsync(new Abstractions.Observation("?", "a", "b"));

        Assert.Equal("none", Assert.Single(server.Requests).Key);
    }

    [Theory]
    [InlineData("two words", false)]
    [InlineData("schlüssel", false)]
    [InlineData(" padded-key\n", true)]
    public async Task A_key_that_cannot_be_sent_is_refused_without_being_shown(string value, bool works)
    {
        await using var server = await ChatServer.StartAsync(Answers.AtRandom);
        var variable = $"CORESRL_TEST_KEY_{Guid.NewGuid():N}";
        Environment.SetEnvironmentVariable(variable, value);

        if (works)
        {
            await using var player = await (Players.OpenAI(server) with { ApiKeyVariable = variable }).PlayerAsync();
            await player.AskAsync(new Abstractions.Observation("?", "a", "b"));
            Assert.Equal("padded-key", server.Requests[0].Key);
            return;
        }

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => (Players.OpenAI(server) with { ApiKeyVariable = variable }).PlayerAsync());
        Assert.Contains(variable, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(value, failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openai", 400)]
    [InlineData("claude", 400)]
    [InlineData("openai", 404)]
    [InlineData("claude", 500)]
    public async Task A_server_that_says_the_key_is_not_repeated(string protocol, int status)
    {
        await using var server = await ChatServer.StartAsync(asked => new("") { Status = status, Error = $"You sent {asked.Key}\r\nX: {asked.Key}" });
        var notes = new Notes();
        await using var player = await server.Options(protocol, options => options with { Retries = 1 }).PlayerAsync(notes);

        var failure = await Assert.ThrowsAnyAsync<Exception>(() => player.AskAsync(new Abstractions.Observation("?", "a", "b")));

        Assert.Contains("You sent [key]", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Players.Key, failure.ToString() + string.Concat(notes.All), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Fact]
    public async Task No_other_key_of_the_environment_goes_along()
    {
        Environment.SetEnvironmentVariable("ANTHROPIC_AUTH_TOKEN", "someone-elses");
        await using var server = await ChatServer.StartAsync(Answers.AtRandom, Players.Key);
        await using var player = await Players.Claude(server).PlayerAsync();

        await player.AskAsync(new Abstractions.Observation("?", "a", "b"));

        Assert.Equal(Players.Key, Assert.Single(server.Requests).Key); // An Authorization header would be taken first.
    }
}
