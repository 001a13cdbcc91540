using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>
/// Prompts as the decoder reads them. With a chat template, a prompt is what a user says, and its end is where the answer begins;
/// without one it is the text itself, behind the token that begins a text, where there is one. Of a prompt that is too long, the last
/// part is read that fits.
/// </summary>
internal sealed class PromptEncoder
{
    private const string UserRole = "user";
    private const string SystemRole = "system";

    private readonly ChatTemplate? _template;
    private readonly int _contextLength;
    private readonly string? _systemPrompt;

    /// <summary>Puts an encoder together.</summary>
    /// <param name="tokenizer">Makes tokens of texts.</param>
    /// <param name="options">How much is read, and what goes around it.</param>
    /// <exception cref="ChatTemplateException">The template cannot be used, or leaves no room for a prompt.</exception>
    public PromptEncoder(ITokenizer tokenizer, TorchLoraOptions options)
    {
        Tokenizer = tokenizer;
        _contextLength = options.ContextLength;
        _systemPrompt = options.SystemPrompt;
        if (TemplateSource(options) is not { } source)
            return;
        _template = new(source, options.Thinking);
        if (Encode(_template, "").Length is var least && least > _contextLength)
            throw new ChatTemplateException(source.File, $"its chat template takes {least} tokens without any prompt, and ContextLength is {_contextLength}", "Raise ContextLength");
    }

    public ITokenizer Tokenizer { get; }

    /// <summary>The tokens of a prompt.</summary>
    public int[] Encode(string prompt)
    {
        if (_template is not null)
            return EncodeEnd(_template, prompt);
        var tokens = Tokenizer.Encode(prompt);
        return Begun(tokens.AsSpan(Math.Max(0, tokens.Length - _contextLength)));
    }

    /// <summary>The tokens of a conversation; without a chat template, those of its texts, each in a line of its own.</summary>
    /// <exception cref="ChatTemplateException">The template refuses it.</exception>
    /// <exception cref="ArgumentException">It is too long.</exception>
    public int[] Encode(IReadOnlyList<ChatTurn> turns)
    {
        var tokens = _template is null ? Tokenizer.Encode(string.Join('\n', turns.Select(turn => turn.Content))) : Encode(_template, turns);
        if (tokens.Length > _contextLength)
            throw new ArgumentException($"The conversation takes {tokens.Length} tokens, and the model reads {_contextLength} at most (its ContextLength).");
        return _template is null ? Begun(tokens) : tokens;
    }

    private static ChatTemplateSource? TemplateSource(TorchLoraOptions options)
    {
        var path = options.Path is null ? null : Path.GetFullPath(options.Path);
        var source = options.ChatTemplate switch
        {
            TorchLoraOptions.NoChatTemplate => null,
            TorchLoraOptions.OwnChatTemplate => path is null ? null : ChatTemplateSource.OfModel(path),
            var file => ChatTemplateSource.OfFile(Path.GetFullPath(file), path),
        };
        return source is null && (options.SystemPrompt is not null || options.Thinking is not null)
            ? throw new ChatTemplateException(path ?? "a random model", "it has no chat template, which SystemPrompt and Thinking are for", "Name one as ChatTemplate, or leave them out")
            : source;
    }

    // A template writes what begins a text itself.
    private int[] Encode(ChatTemplate template, IReadOnlyList<ChatTurn> turns) => NotEmpty(Tokenizer.Encode(template.Render(
        _systemPrompt is not null && !turns.Any(turn => turn.Role == SystemRole) ? turns.Prepend(new(SystemRole, _systemPrompt)) : turns)));

    private int[] Encode(ChatTemplate template, string prompt) => Encode(template, [new(UserRole, prompt)]);

    // The template stays whole, and of the prompt the longest end that fits: found by halving, for neither templates nor tokens add up.
    private int[] EncodeEnd(ChatTemplate template, string prompt)
    {
        var tokens = Encode(template, prompt);
        if (tokens.Length <= _contextLength)
            return tokens;
        tokens = Encode(template, "");
        for (var (fits, tooMuch) = (0, prompt.Length); tooMuch - fits > 1;)
        {
            var length = (fits + tooMuch) / 2;
            var end = prompt[(prompt.Length - length)..];
            var more = Encode(template, char.IsLowSurrogate(end[0]) ? end[1..] : end);
            (fits, tooMuch, tokens) = more.Length <= _contextLength ? (length, tooMuch, more) : (fits, length, tokens);
        }

        return tokens;
    }

    private int[] Begun(ReadOnlySpan<int> tokens) => Tokenizer.BeginOfText is { } first ? [first, .. tokens] : NotEmpty(tokens.ToArray());

    // The decoder needs a token to go on from. Models without one that begins a text know what ends one: it stood between two of them.
    private int[] NotEmpty(int[] tokens) => tokens.Length == 0 ? [Tokenizer.EndOfText ?? 0] : tokens;
}
