using CoreSrl.Plugins.ChatModels.Asking;

namespace CoreSrl.Plugins.ChatModels.Accounting;

/// <summary>What a model may use in a run: whether a request still fits. Pure, and counted in the order of the turns, so that a resumed
/// run comes to its end at the same request. A prompt is taken for as long as it is estimated, and for no less than the run's average.</summary>
/// <param name="options">The limits.</param>
/// <param name="used">What was used so far.</param>
internal sealed class Budget(ChatModelOptions options, Usage used)
{
    private readonly long _usual = used.InputTokens / Math.Max(1, used.Requests);
    private long _requests = used.Requests;
    private long _tokens = used.InputTokens + used.OutputTokens;
    private decimal _cost = used.Cost;

    /// <summary>Sets aside what a request may take.</summary>
    /// <returns>Null when it fits; otherwise which limit it does not fit in, as half a sentence.</returns>
    public string? Reserve(Question question)
    {
        var prompt = Math.Max(question.Tokens, _usual);
        var tokens = prompt + options.MaxTokens;
        var cost = Usage.CostOf(prompt, options.MaxTokens, options);
        if (options.MaxRequests is { } most && _requests + 1 > most)
            return $"all {most} requests of the run (MaxRequests) are used";
        if (options.TokenBudget is { } budget && _tokens + tokens > budget)
            return $"{_tokens} of the run's {budget} tokens (TokenBudget) are used, and the next request may take {tokens}";
        if (options.MoneyBudget is { } money && _cost + cost > (decimal)money)
            return $"{_cost:0.######} of the run's {money:0.######} (MoneyBudget) is spent, and the next request may cost {cost:0.######}";
        _requests++;
        _tokens += tokens;
        _cost += cost;
        return null;
    }
}
