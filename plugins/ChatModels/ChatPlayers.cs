using System.Text.Json.Nodes;
using CoreSrl.Plugins.ChatModels.Accounting;
using CoreSrl.Plugins.ChatModels.Asking;
using CoreSrl.Plugins.ChatModels.Recording;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Plugins.ChatModels;

/// <summary>The players of a backend: makes them, and remembers what each has used since it last learned.</summary>
/// <param name="kind">What they are called in listings.</param>
/// <param name="options">Their options.</param>
/// <param name="connect">Makes the way to the server.</param>
/// <param name="logger">Told of what is tried again, and when a player sits out.</param>
/// <param name="time">The clock for waiting.</param>
internal sealed class ChatPlayers(
    string kind, ChatModelOptions options, Func<ChatModelOptions, ApiKey, Failure, IChatClient> connect, ILogger logger, TimeProvider time)
{
    private readonly Dictionary<string, Ledger> _ledgers = new(StringComparer.Ordinal);

    /// <summary>A new player.</summary>
    /// <param name="id">Its id in the run.</param>
    /// <param name="localNeedsNoKey">Whether a server on this machine may do without a key.</param>
    /// <exception cref="InvalidOperationException">There is no key, or the recording cannot be used.</exception>
    public ChatModel Create(string id, bool localNeedsNoKey)
    {
        var key = ApiKey.Read(options, localNeedsNoKey);
        var recording = options.Recording is { } path ? RecordingFile.Open(path, readOnly: options.ReplayOnly) : null;
        var failure = new Failure(options, key, time);
        var asker = new Asker(id, options, connect(options, key, failure), failure, recording, logger, time);
        return new(id, kind, options, asker, _ledgers[id] = new(), logger);
    }

    /// <summary>What must be remembered; null when there is nothing.</summary>
    public JsonNode? Capture()
    {
        var states = new JsonObject();
        foreach (var (id, ledger) in _ledgers)
        {
            if (ledger.Capture() is { } state)
                states[id] = state;
        }

        return states.Count == 0 ? null : states;
    }

    /// <summary>Takes it back.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public void Restore(JsonNode? state)
    {
        if (state is not (null or JsonObject))
            throw new FormatException($"What a chat player remembers is an object, not {state.ToJsonString()}.");
        foreach (var (id, ledger) in _ledgers)
            ledger.Restore(state?[id]);
    }
}
