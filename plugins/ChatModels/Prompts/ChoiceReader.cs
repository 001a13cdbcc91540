using System.Collections.Immutable;

namespace CoreSrl.Plugins.ChatModels.Prompts;

/// <summary>Finds out which choice an answer means.</summary>
internal static class ChoiceReader
{
    private static readonly char[] Wrapping = ['"', '\'', '`', '*', '.', ',', '!', ':', ';', '(', ')', '[', ']', '“', '”'];

    /// <summary>The index of the choice: the one that the answer is, to the letter; or is but for space, quotation marks and the like
    /// around it; or but for capitals; or the only one that it mentions as a word of its own. Null when there is none, or more than one.</summary>
    public static int? Read(string answer, ImmutableArray<string> choices)
    {
        var trimmed = Trim(answer);
        return Only(choices, choice => choice == answer)
            ?? Only(choices, choice => choice == answer.Trim())
            ?? Only(choices, choice => Trim(choice) == trimmed)
            ?? Only(choices, choice => Trim(choice).Equals(trimmed, StringComparison.OrdinalIgnoreCase))
            ?? Mentioned(answer, choices, StringComparison.Ordinal)
            ?? Mentioned(answer, choices, StringComparison.OrdinalIgnoreCase);
    }

    private static int? Only(ImmutableArray<string> choices, Func<string, bool> isMeant)
    {
        var meant = Enumerable.Range(0, choices.Length).Where(index => isMeant(choices[index])).Take(2).ToList();
        return meant.Count == 1 ? meant[0] : null;
    }

    // A choice within a longer one does not count: 'very warm' mentions no 'warm'.
    private static int? Mentioned(string answer, ImmutableArray<string> choices, StringComparison comparison)
    {
        var places = choices.SelectMany((choice, index) => Places(answer, Trim(choice), comparison).Select(start => (Index: index, Start: start, End: start + Trim(choice).Length))).ToList();
        var whole = places.Where(place => !places.Any(other => other.Start <= place.Start && other.End >= place.End && other.End - other.Start > place.End - place.Start));
        var mentioned = whole.Select(place => place.Index).Distinct().Take(2).ToList();
        return mentioned.Count == 1 ? mentioned[0] : null;
    }

    private static IEnumerable<int> Places(string answer, string choice, StringComparison comparison)
    {
        if (choice.Length == 0)
            yield break;
        for (var start = answer.IndexOf(choice, comparison); start >= 0; start = answer.IndexOf(choice, start + 1, comparison))
        {
            var end = start + choice.Length;
            if (IsEdge(answer, start - 1, choice[0]) && IsEdge(answer, end, choice[^1]))
                yield return start;
        }
    }

    // Between two letters or digits there is no edge of a word.
    private static bool IsEdge(string answer, int outside, char inside) =>
        outside < 0 || outside >= answer.Length || !char.IsLetterOrDigit(answer[outside]) || !char.IsLetterOrDigit(inside);

    private static string Trim(string text) => text.Trim().Trim(Wrapping).Trim();
}
