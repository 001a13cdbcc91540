using System.Collections.Immutable;
using CoreSrl.Abstractions;
using CoreSrl.Plugins.ChatModels.Accounting;
using CoreSrl.Plugins.ChatModels.Asking;
using CoreSrl.Plugins.ChatModels.Prompts;

namespace CoreSrl.Plugins.ChatModels;

/// <summary>One request on its way to an answer: asked, and asked again where the answer is none of the choices.</summary>
/// <param name="request">The request.</param>
/// <param name="conversation">What is said to the model first.</param>
internal sealed class Turn(ModelRequest request, IReadOnlyList<Message> conversation)
{
    private const int MostAttempts = 3;

    /// <summary>What is asked next.</summary>
    public Question Question { get; private set; } = new(conversation, request.Seed, 0);

    /// <summary>What it took so far.</summary>
    public TurnUsage Used { get; private set; } = new() { Choice = -1 };

    /// <summary>The answer, when there is one.</summary>
    public ModelResponse? Response { get; set; }

    private ImmutableArray<string> Choices => request.Observation.Choices.IsDefault ? [] : request.Observation.Choices;

    /// <summary>The response that a server's answer makes; null when it must be asked again.</summary>
    public ModelResponse? Take(Answer answer)
    {
        Used = Used with
        {
            Requests = Used.Requests + 1,
            InputTokens = Used.InputTokens + answer.InputTokens,
            OutputTokens = Used.OutputTokens + answer.OutputTokens,
            EstimatedRequests = Used.EstimatedRequests + (answer.Estimated ? 1 : 0),
        };
        if (Choices.IsEmpty)
            return Used.ToResponse(answer.Text, 0);
        if (ChoiceReader.Read(answer.Text, Choices) is { } choice)
            return (Used with { Choice = choice }).ToResponse(Choices[choice], Choices.Length);
        if (Question.Attempt + 1 == MostAttempts)
            return Draw(Outcome.Drawn);
        Question = Question with { Messages = [.. Question.Messages, .. Prompt.Again(request.Observation, answer.Text)], Attempt = Question.Attempt + 1 };
        return null;
    }

    /// <summary>The response without asking.</summary>
    public ModelResponse SitOut() => Choices.IsEmpty ? (Used with { Outcome = Outcome.SatOut }).ToResponse("", 0) : Draw(Outcome.SatOut);

    // Each as likely as any other.
    private ModelResponse Draw(Outcome outcome)
    {
        var choice = new SeededRandom(request.Seed).NextInt32(Choices.Length);
        return (Used with { Choice = choice, Outcome = outcome }).ToResponse(Choices[choice], Choices.Length);
    }
}
