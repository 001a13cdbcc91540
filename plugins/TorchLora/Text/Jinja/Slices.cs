namespace CoreSrl.Plugins.TorchLora.Jinja;

/// <summary>Parts of lists and texts as Python cuts them; a text is a row of characters, not of halves of them.</summary>
internal static class Slices
{
    /// <summary>A text's characters.</summary>
    public static IReadOnlyList<string> Characters(string text)
    {
        var characters = new List<string>(text.Length);
        foreach (var rune in text.EnumerateRunes())
            characters.Add(rune.ToString());
        return characters;
    }

    /// <summary>How many characters a text has.</summary>
    public static int Length(string text) => text.EnumerateRunes().Count();

    /// <summary><c>value[start:stop:step]</c>; null for what is not given.</summary>
    public static object? Cut(object? value, long? start, long? stop, long? step) => value switch
    {
        string text => string.Concat(Cut(Characters(text), start, stop, step ?? 1)),
        IReadOnlyList<object?> list => Cut(list, start, stop, step ?? 1).ToList(),
        _ => throw new ValueException($"of {Values.KindOf(value)} no part can be taken"),
    };

    // PySlice_AdjustIndices in CPython's Objects/sliceobject.c.
    private static IEnumerable<T> Cut<T>(IReadOnlyList<T> items, long? start, long? stop, long step)
    {
        if (step == 0)
            throw new ValueException("a slice's step is 0");
        var (least, most) = step > 0 ? (0L, (long)items.Count) : (-1L, items.Count - 1L);
        var from = start is { } first ? Adjust(first) : step > 0 ? least : most;
        var to = stop is { } last ? Adjust(last) : step > 0 ? most : least;
        for (var place = from; step > 0 ? place < to : place > to; place += step)
            yield return items[(int)place];

        long Adjust(long place) => Math.Clamp(place < 0 ? place + items.Count : place, least, most);
    }
}
