namespace CoreSrl.Plugins.ChatModels.Accounting;

/// <summary>What a model has used.</summary>
internal sealed record Usage
{
    private const decimal PricedTokens = 1_000_000;

    /// <summary>The turns played.</summary>
    public required long Turns { get; init; }

    /// <summary>Those whose choice was drawn because the server answered none.</summary>
    public required long DrawnTurns { get; init; }

    /// <summary>Those played without asking.</summary>
    public required long SatOutTurns { get; init; }

    /// <summary>The requests answered.</summary>
    public required long Requests { get; init; }

    /// <summary>The tokens of their prompts.</summary>
    public required long InputTokens { get; init; }

    /// <summary>The tokens of their answers.</summary>
    public required long OutputTokens { get; init; }

    /// <summary>The requests whose tokens the server did not say.</summary>
    public required long EstimatedRequests { get; init; }

    /// <summary>The money, at the prices that held.</summary>
    public required decimal Cost { get; init; }

    /// <summary>Nothing.</summary>
    public static Usage None { get; } = new()
    {
        Turns = 0,
        DrawnTurns = 0,
        SatOutTurns = 0,
        Requests = 0,
        InputTokens = 0,
        OutputTokens = 0,
        EstimatedRequests = 0,
        Cost = 0,
    };

    /// <summary>What a turn took.</summary>
    public static Usage Of(TurnUsage turn, ChatModelOptions options) => new()
    {
        Turns = 1,
        DrawnTurns = turn.Outcome == Outcome.Drawn ? 1 : 0,
        SatOutTurns = turn.Outcome == Outcome.SatOut ? 1 : 0,
        Requests = turn.Requests,
        InputTokens = turn.InputTokens,
        OutputTokens = turn.OutputTokens,
        EstimatedRequests = turn.EstimatedRequests,
        Cost = CostOf(turn.InputTokens, turn.OutputTokens, options),
    };

    /// <summary>What tokens cost.</summary>
    public static decimal CostOf(long inputTokens, long outputTokens, ChatModelOptions options) =>
        ((inputTokens * (decimal)(options.InputPrice ?? 0)) + (outputTokens * (decimal)(options.OutputPrice ?? 0))) / PricedTokens;

    /// <summary>Both together.</summary>
    public static Usage operator +(Usage one, Usage other) => Combine(one, other, (a, b) => a + b, (a, b) => a + b);

    /// <summary>The one without the other, and never less than nothing.</summary>
    public static Usage operator -(Usage one, Usage other) => Combine(one, other, (a, b) => Math.Max(0, a - b), (a, b) => Math.Max(0, a - b));

    private static Usage Combine(Usage one, Usage other, Func<long, long, long> counts, Func<decimal, decimal, decimal> money) => new()
    {
        Turns = counts(one.Turns, other.Turns),
        DrawnTurns = counts(one.DrawnTurns, other.DrawnTurns),
        SatOutTurns = counts(one.SatOutTurns, other.SatOutTurns),
        Requests = counts(one.Requests, other.Requests),
        InputTokens = counts(one.InputTokens, other.InputTokens),
        OutputTokens = counts(one.OutputTokens, other.OutputTokens),
        EstimatedRequests = counts(one.EstimatedRequests, other.EstimatedRequests),
        Cost = money(one.Cost, other.Cost),
    };
}
