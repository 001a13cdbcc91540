namespace CoreSrl.Plugins.TorchLora;

/// <summary>Prompts as the decoder reads them: the begin-of-text token and the last tokens of the text that fit.</summary>
internal sealed class PromptEncoder(ITokenizer tokenizer, int contextLength)
{
    public ITokenizer Tokenizer { get; } = tokenizer;

    public int[] Encode(string prompt)
    {
        var tokens = Tokenizer.Encode(prompt);
        return [Tokenizer.BeginOfText, .. tokens.AsSpan(Math.Max(0, tokens.Length - contextLength))];
    }
}
