using System.Text;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;

namespace CoreSrl.Plugins.ChatModels.Asking;

/// <summary>One message of a conversation.</summary>
/// <param name="Role">Whose it is: <c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Text">What it says; never blank, which servers refuse.</param>
internal sealed record Message(string Role, string Text)
{
    private const int Frame = 4;

    /// <summary>Its tokens, by a rule of thumb: one for each four bytes of UTF-8, and four around each message.</summary>
    public static long Estimate(string text) => Frame + ((Encoding.UTF8.GetByteCount(text) + 3) / 4);

    public ChatMessage ToChatMessage() => new(new(Role), Text);
}

/// <summary>What is asked of a server, once.</summary>
/// <param name="Messages">The conversation, ending in what is to be answered.</param>
/// <param name="Seed">Of the request that it is for.</param>
/// <param name="Attempt">How often that request was asked before.</param>
internal sealed record Question(IReadOnlyList<Message> Messages, ulong Seed, int Attempt)
{
    /// <summary>The estimated tokens of its prompt.</summary>
    [JsonIgnore]
    public long Tokens => Messages.Sum(message => Message.Estimate(message.Text));
}

/// <summary>What a server answered.</summary>
/// <param name="Text">The text; empty where it had nothing to say.</param>
/// <param name="InputTokens">The tokens of the prompt.</param>
/// <param name="OutputTokens">The tokens of the answer.</param>
/// <param name="Estimated">Whether the server did not say how many tokens there were.</param>
internal sealed record Answer(string Text, int InputTokens, int OutputTokens, bool Estimated);
