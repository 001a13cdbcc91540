using CoreSrl.Abstractions;
using CoreSrl.ChatServers;
using CoreSrl.Plugins.ChatModels;

namespace CoreSrl.ChatModels.Tests.Support;

/// <summary>Players against a server of this machine.</summary>
internal static class Players
{
    /// <summary>The key that tests give.</summary>
    public const string Key = "sk-secret-0123456789abcdef";

    /// <summary>The variable that holds it.</summary>
    public const string KeyVariable = "CORESRL_TEST_CHAT_KEY";

    static Players() => Environment.SetEnvironmentVariable(KeyVariable, Key);

    /// <summary>The options of an <c>openai</c> player that does not wait long.</summary>
    public static OpenAIOptions OpenAI(ChatServer server) => new()
    {
        BaseAddress = server.OpenAI,
        ApiKeyVariable = KeyVariable,
        Model = "gpt-test",
        RetryDelay = TimeSpan.FromMilliseconds(1),
        MaxTokens = 20,
    };

    /// <summary>The options of a <c>claude</c> player that does not wait long.</summary>
    public static ClaudeOptions Claude(ChatServer server) => new()
    {
        BaseAddress = server.Claude,
        ApiKeyVariable = KeyVariable,
        Model = "claude-test",
        RetryDelay = TimeSpan.FromMilliseconds(1),
        MaxTokens = 20,
    };

    /// <summary>The options of either.</summary>
    public static ChatModelOptions Options(this ChatServer server, string protocol, Func<ChatModelOptions, ChatModelOptions>? change = null) =>
        (change ?? (options => options))(protocol == "claude" ? Claude(server) : OpenAI(server));

    /// <summary>A backend.</summary>
    public static IModelBackend Backend(this ChatModelOptions options, Notes? notes = null, TimeProvider? time = null) => options is ClaudeOptions claude
        ? new ClaudeBackend(claude, (notes ?? new()).Logger<ClaudeBackend>(), time ?? TimeProvider.System)
        : new OpenAIBackend((OpenAIOptions)options, (notes ?? new()).Logger<OpenAIBackend>(), time ?? TimeProvider.System);

    /// <summary>A player.</summary>
    public static Task<IModel> PlayerAsync(this ChatModelOptions options, Notes? notes = null, TimeProvider? time = null) =>
        options.Backend(notes, time).PlayerAsync();

    /// <summary>A player of a backend.</summary>
    public static async Task<IModel> PlayerAsync(this IModelBackend backend) => await backend.CreateAsync(new("model_1", 1, 1), default);

    /// <summary>Asks a player.</summary>
    public static async Task<IReadOnlyList<ModelResponse>> AskAsync(this IModel player, params Observation[] observations) =>
        await player.ActAsync([.. observations.Select((observation, index) => new ModelRequest(observation, (ulong)index + 1))], default);

    /// <summary>Has a player learn.</summary>
    public static async Task LearnAsync(this IModel player, params (Observation Observation, ModelResponse Response, double Return)[] plays) =>
        await player.LearnAsync(new LearningBatch([.. plays.Select(play => new Experience(play.Observation, play.Response, play.Return, 0))], new(), 1), default);

    /// <summary>A count in a player's state.</summary>
    public static long Usage(this IModel player, string name) => (long)player.CaptureState()["usage"]![name]!;

    public static (long, long) Usage(this IModel player, string one, string two) => (player.Usage(one), player.Usage(two));

    public static (long, long, long) Usage(this IModel player, string one, string two, string three) => (player.Usage(one), player.Usage(two), player.Usage(three));
}
