using System.Collections.Immutable;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.ChatModels.Accounting;

/// <summary>How a turn got its answer.</summary>
internal enum Outcome
{
    /// <summary>From the server.</summary>
    Answered,

    /// <summary>Drawn, because what the server answered was none of the choices however often it was asked.</summary>
    Drawn,

    /// <summary>Without asking.</summary>
    SatOut,
}

/// <summary>
/// What one turn took. It travels as the turn's actions, so that learning from a turn counts it: what a model has used is then the same
/// whoever played, and a turn that waits in a checkpoint to be learned from is not lost.
/// </summary>
/// <param name="Choice">The index of the choice; -1 for free text.</param>
/// <param name="Outcome">How it got its answer.</param>
/// <param name="Requests">The requests that were answered.</param>
/// <param name="InputTokens">The tokens of their prompts.</param>
/// <param name="OutputTokens">The tokens of their answers.</param>
/// <param name="EstimatedRequests">Those whose tokens the server did not say.</param>
internal readonly record struct TurnUsage(int Choice, Outcome Outcome, int Requests, int InputTokens, int OutputTokens, int EstimatedRequests)
{
    private const int Numbers = 6;

    /// <summary>Reads it from a turn; a turn of some other model took nothing.</summary>
    public static TurnUsage Of(ModelResponse response) => response.Actions is { IsDefault: false, Length: Numbers } numbers
        ? new(numbers[0], (Outcome)numbers[1], numbers[2], numbers[3], numbers[4], numbers[5])
        : default;

    /// <summary>The turn's answer.</summary>
    /// <param name="text">The text.</param>
    /// <param name="choices">How many choices there were; 0 for free text.</param>
    /// <remarks>Only what was drawn here has a probability that is known: one in so many. What a server answered is taken as given, with
    /// probability 1, which says nothing of how likely the server was to answer so; nothing here learns from it.</remarks>
    public ModelResponse ToResponse(string text, int choices)
    {
        var drawn = Outcome != Outcome.Answered && choices > 0;
        return new(
            text,
            [Choice, (int)Outcome, Requests, InputTokens, OutputTokens, EstimatedRequests],
            [drawn ? (float)-Math.Log(choices) : 0, .. ImmutableArray.Create(new float[Numbers - 1])],
            drawn ? Math.Log(choices) : 0);
    }
}
