using System.ComponentModel.DataAnnotations;

namespace CoreSrl.Plugins.Environments;

/// <summary>One of the rewards of a <c>question-answer</c> game, and what it counts.</summary>
public sealed record RewardOptions
{
    internal const string ExactMatch = "exact-match";
    internal const string NumberMatch = "number-match";
    internal const string Regex = "regex";
    internal const string LengthPenalty = "length-penalty";

    /// <summary>Which: <c>exact-match</c> (1 for one of the answers, apart from case and white space around it), <c>number-match</c> (1
    /// where the last number in the text is that of an answer), <c>regex</c> (1 where <see cref="Pattern"/> matches) or
    /// <c>length-penalty</c> (0 down to -1 as the text nears <see cref="MaxLength"/>).</summary>
    [AllowedValues(ExactMatch, NumberMatch, Regex, LengthPenalty, ErrorMessage = $"there is no such reward. Known: {ExactMatch}, {LengthPenalty}, {NumberMatch}, {Regex}")]
    public required string Name { get; init; }

    /// <summary>What it is multiplied by before all are added up.</summary>
    /// <value>Default: 1.</value>
    [Range(-1000.0, 1000.0)]
    public double Weight { get; init; } = 1;

    /// <summary>Of <c>regex</c>: a regular expression that matches somewhere in the text; <c>^</c> and <c>$</c> bind it to its ends, and
    /// <c>(?s)</c> lets a dot be a line's end. With a group <c>(?&lt;answer&gt;…)</c>, what it holds must be one of the answers besides.
    /// Look-around and back-references are not possible.</summary>
    [MinLength(1)]
    public string? Pattern { get; init; }

    /// <summary>Of <c>length-penalty</c>: the longest text that is not punished in full, in characters.</summary>
    [Range(1, 1_000_000_000)]
    public int? MaxLength { get; init; }

    /// <summary>Of <c>length-penalty</c>: over how many characters before <see cref="MaxLength"/> the punishment grows.</summary>
    /// <value>Default: a fifth of <see cref="MaxLength"/>.</value>
    [Range(1, 1_000_000_000)]
    public int? Stretch { get; init; }

    internal IReward Create() => Name switch
    {
        NumberMatch => new NumberMatch(),
        Regex => new PatternMatch(Pattern!),
        LengthPenalty => new LengthPenalty(MaxLength!.Value, Stretch ?? Math.Max(1, MaxLength.Value / 5)),
        _ => new ExactMatch(),
    };

    /// <summary>What is wrong with it, each time with the option concerned.</summary>
    internal IEnumerable<(string Option, string Problem)> Problems()
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(this, new(this), results, validateAllProperties: true);
        foreach (var result in results)
            yield return (result.MemberNames.First(), result.ErrorMessage!);
        if (Name == Regex && Pattern is null)
            yield return (nameof(Pattern), "regex needs a pattern");
        if (Name != Regex && Pattern is not null)
            yield return (nameof(Pattern), $"it is for regex, not for {Name}");
        if (Pattern is { Length: > 0 } && PatternMatch.Problem(Pattern) is { } problem)
            yield return (nameof(Pattern), problem);
        if (Name == LengthPenalty && MaxLength is null)
            yield return (nameof(MaxLength), "length-penalty needs the longest length");
        if (Name != LengthPenalty && (MaxLength ?? Stretch) is not null)
            yield return (MaxLength is null ? nameof(Stretch) : nameof(MaxLength), $"it is for length-penalty, not for {Name}");
        if (Stretch > MaxLength)
            yield return (nameof(Stretch), $"it is {Stretch}, which is more than MaxLength, {MaxLength}");
    }
}
