using System.Text;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>One token per byte of UTF-8, and two beside: 256 begins a text, 257 ends it. An answer ends with a line, too.</summary>
public sealed class ByteTokenizer : ITokenizer
{
    private const int End = 257;

    /// <inheritdoc/>
    public string Name => "bytes";

    /// <inheritdoc/>
    public int VocabularySize => 258;

    /// <inheritdoc/>
    public int? BeginOfText => 256;

    /// <inheritdoc/>
    public int? EndOfText => End;

    /// <inheritdoc/>
    public int[] Encode(string text) => Array.ConvertAll(Encoding.UTF8.GetBytes(text), octet => (int)octet);

    /// <inheritdoc/>
    /// <remarks>Bytes that are no UTF-8 become U+FFFD.</remarks>
    public string Decode(ReadOnlySpan<int> tokens)
    {
        var octets = new List<byte>(tokens.Length);
        foreach (var token in tokens)
        {
            if (token < 256)
                octets.Add((byte)token);
        }

        return Encoding.UTF8.GetString([.. octets]);
    }

    /// <inheritdoc/>
    public bool EndsAnswer(int token) => token is '\n' or End;
}
