namespace CoreSrl.Plugins.TorchLora;

/// <summary>The letters by which vocabularies write bytes: printable ones of Latin-1 stand for themselves, and the others for what
/// follows U+00FF, in order.</summary>
/// <remarks><c>bytes_to_unicode</c> in encoder.py of openai/gpt-2.</remarks>
internal static class ByteLetters
{
    private static readonly Dictionary<char, byte> ByLetter = Build();
    private static readonly char[] Letters = [.. ByLetter.OrderBy(entry => entry.Value).Select(entry => entry.Key)];

    /// <summary>Bytes, written in these letters.</summary>
    public static string Of(ReadOnlySpan<byte> bytes) => string.Create(bytes.Length, bytes, (letters, from) =>
    {
        for (var i = 0; i < from.Length; i++)
            letters[i] = Letters[from[i]];
    });

    /// <summary>The bytes that a vocabulary's entry stands for; null when it is not written in these letters.</summary>
    public static byte[]? ToBytes(string entry)
    {
        var bytes = new byte[entry.Length];
        for (var i = 0; i < entry.Length; i++)
        {
            if (!ByLetter.TryGetValue(entry[i], out bytes[i]))
                return null;
        }

        return bytes;
    }

    private static Dictionary<char, byte> Build()
    {
        var letters = new Dictionary<char, byte>();
        var next = (char)256;
        for (var value = 0; value < 256; value++)
        {
            var isPrintable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            letters.Add(isPrintable ? (char)value : next++, (byte)value);
        }

        return letters;
    }
}
