namespace CoreSrl.Plugins.TorchLora;

/// <summary>Prompts as the decoder reads them: the token that begins a text, where there is one, and the last tokens of the text that
/// fit.</summary>
internal sealed class PromptEncoder(ITokenizer tokenizer, int contextLength)
{
    public ITokenizer Tokenizer { get; } = tokenizer;

    public int[] Encode(string prompt)
    {
        var tokens = Tokenizer.Encode(prompt);
        var last = tokens.AsSpan(Math.Max(0, tokens.Length - contextLength));
        // The decoder needs a token to go on from. Models without one that begins a text know what ends one: it stood between two of them.
        return Tokenizer.BeginOfText is { } first ? [first, .. last] : last.IsEmpty ? [Tokenizer.EndOfText ?? 0] : last.ToArray();
    }
}
