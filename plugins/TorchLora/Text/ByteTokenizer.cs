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
    public ReadOnlySpan<byte> BytesOf(int token) => token is >= 0 and < 256 ? (byte[])[(byte)token] : [];

    /// <inheritdoc/>
    public bool EndsAnswer(int token) => token is '\n' or End;
}
