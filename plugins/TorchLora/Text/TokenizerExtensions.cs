using System.Text;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>What follows from a tokenizer's bytes.</summary>
public static class TokenizerExtensions
{
    /// <summary>The text of tokens. Bytes that are no UTF-8 become U+FFFD.</summary>
    public static string Decode(this ITokenizer tokenizer, ReadOnlySpan<int> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        var bytes = new List<byte>(tokens.Length * 4);
        foreach (var token in tokens)
            bytes.AddRange(tokenizer.BytesOf(token));
        return Encoding.UTF8.GetString([.. bytes]);
    }
}
