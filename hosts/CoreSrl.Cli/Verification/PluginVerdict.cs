namespace CoreSrl.Cli.Verification;

/// <summary>What the rules of its contract say of a plugin.</summary>
/// <param name="Rules">The rules, each with what is wrong, or null.</param>
/// <param name="Failure">Why it could not be checked at all; null when it could.</param>
internal sealed record PluginVerdict(IReadOnlyList<RuleVerdict> Rules, string? Failure)
{
    /// <summary>Whether it keeps all of them.</summary>
    public bool IsKept => Failure is null && Rules.All(rule => rule.Problem is null);
}

/// <summary>What one rule says.</summary>
/// <param name="Rule">Its name.</param>
/// <param name="Promise">What it is about.</param>
/// <param name="Problem">What is wrong; null when nothing is.</param>
internal sealed record RuleVerdict(string Rule, string Promise, string? Problem);
