using System.Text;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>Texts that end an answer.</summary>
/// <remarks>They are looked for among the bytes, for a token may end in mid character. In UTF-8 no character begins within another, so
/// what stands before one that is found is whole.</remarks>
internal sealed class StopStrings(IEnumerable<string> texts)
{
    private readonly byte[][] _texts = [.. texts.Select(Encoding.UTF8.GetBytes)];

    /// <summary>Where the first of them begins; null when there is none.</summary>
    /// <param name="text">What has been written so far.</param>
    /// <param name="added">How many bytes at the end are new: before them there is none.</param>
    public int? FindIn(ReadOnlySpan<byte> text, int added)
    {
        int? first = null;
        foreach (var stop in _texts)
        {
            var start = Math.Max(0, text.Length - added - stop.Length + 1);
            if (text[start..].IndexOf(stop) is >= 0 and var found && !(first <= start + found))
                first = start + found;
        }

        return first;
    }

    /// <summary>How many bytes at the end of a text may be the beginning of one of them: they are not for sure yet.</summary>
    public int OpenAtEnd(ReadOnlySpan<byte> text)
    {
        var most = 0;
        foreach (var stop in _texts)
        {
            var length = Math.Min(stop.Length - 1, text.Length);
            while (length > most && !text[^length..].SequenceEqual(stop.AsSpan(0, length)))
                length--;
            most = Math.Max(most, length);
        }

        return most;
    }
}
