using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Plugins.ChatModels.Asking;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Plugins.ChatModels;

/// <summary>Creates players that are models of OpenAI, or of any server that speaks its chat-completions protocol.</summary>
/// <param name="options">The server, the model and its limits.</param>
/// <param name="logger">Told of what is tried again, and when a player sits out.</param>
/// <param name="time">The clock for waiting.</param>
[Plugin("openai", Description = "A chat model of OpenAI, or of a server that speaks its protocol; learns in context, from a memory of its plays.")]
public sealed class OpenAIBackend(OpenAIOptions options, ILogger<OpenAIBackend> logger, TimeProvider time) : IModelBackend, IStatefulPlugin
{
    private readonly ChatPlayers _players = new("openai", options, ServerClient.OpenAI, logger, time);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">There is no key, or the recording cannot be used.</exception>
    public ValueTask<IModel> CreateAsync(ModelContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new(_players.Create(context.Id, localNeedsNoKey: true));
    }

    /// <summary>What the players have used since they last learned.</summary>
    public JsonNode? CaptureState() => _players.Capture();

    /// <inheritdoc/>
    public void RestoreState(JsonNode? state) => _players.Restore(state);
}
