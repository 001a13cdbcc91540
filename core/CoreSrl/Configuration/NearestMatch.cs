namespace CoreSrl.Configuration;

/// <summary>Finds what somebody probably meant.</summary>
public static class NearestMatch
{
    /// <summary>A sentence for an error: the nearest of the known words, if any is near, and all of them.</summary>
    public static string Suggest(string word, IEnumerable<string> known)
    {
        var words = known.Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase).ToList();
        if (words.Count == 0)
            return "There is none to choose from.";
        var nearest = words.MinBy(candidate => Distance(word, candidate))!;
        var isNear = Distance(word, nearest) <= Math.Max(2, word.Length / 3);
        return $"{(isNear ? $"Did you mean '{nearest}'? " : "")}Known: {string.Join(", ", words)}.";
    }

    /// <summary>Edits (insert, delete, replace, swap neighbours) from one word to the other, ignoring case.</summary>
    /// <remarks>Optimal string alignment: Damerau 1964, "A technique for computer detection and correction of spelling errors".</remarks>
    public static int Distance(string a, string b)
    {
        a = a.ToUpperInvariant();
        b = b.ToUpperInvariant();
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            d[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            d[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var replace = d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                d[i, j] = Math.Min(replace, Math.Min(d[i - 1, j], d[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }

        return d[a.Length, b.Length];
    }
}
