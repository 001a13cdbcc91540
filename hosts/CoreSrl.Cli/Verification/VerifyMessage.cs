using System.Text.Json;

namespace CoreSrl.Cli.Verification;

/// <summary>What a verifying process says, one JSON object a line.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Rule">The rule, where it is about one.</param>
/// <param name="Text">Of a rule that begins, its promise; of one that ends, what is wrong, if anything is; of a failure, the failure.</param>
internal sealed record VerifyMessage(VerifyMessageKind Kind, string? Rule = null, string? Text = null)
{
    /// <summary>The line.</summary>
    public string ToLine() => JsonSerializer.Serialize(this);

    /// <summary>Reads a line.</summary>
    public static VerifyMessage FromLine(string line) => JsonSerializer.Deserialize<VerifyMessage>(line)!;
}

/// <summary>The kinds of messages.</summary>
internal enum VerifyMessageKind
{
    /// <summary>A rule of those that are to be checked, told before the first begins.</summary>
    Rule,

    /// <summary>A rule is being checked.</summary>
    Begin,

    /// <summary>A rule has been checked.</summary>
    End,

    /// <summary>The same of a rule that took too long and still runs, so that nothing else can be checked in that process.</summary>
    Stuck,

    /// <summary>The plugin cannot be checked at all.</summary>
    Failed,

    /// <summary>All is said.</summary>
    Done,
}
