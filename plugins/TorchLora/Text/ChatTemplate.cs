using CoreSrl.Abstractions;
using CoreSrl.Plugins.TorchLora.Jinja;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>The form in which a model was taught to converse: writes a conversation as the one text that the model goes on from.</summary>
internal sealed class ChatTemplate
{
    /// <summary>What templates take for today: the day that Llama's own fall back to. With the real one a run would not give the same
    /// bits tomorrow, and a model would be served with prompts that it was not trained on.</summary>
    private static readonly DateTime Today = new(2024, 7, 26, 0, 0, 0, DateTimeKind.Unspecified);

    private readonly string _file;
    private readonly JinjaTemplate _template;
    private readonly IReadOnlyDictionary<string, string> _specialTokens;
    private readonly bool? _thinking;

    /// <summary>Reads a template.</summary>
    /// <param name="source">What it is, and where it stands.</param>
    /// <param name="thinking">Whether the model shall think first, where its template asks; null to leave that to the template.</param>
    /// <exception cref="ChatTemplateException">It is not understood.</exception>
    public ChatTemplate(ChatTemplateSource source, bool? thinking)
    {
        _file = source.File;
        _specialTokens = source.SpecialTokens;
        _thinking = thinking;
        try
        {
            _template = new(source.Template);
        }
        catch (JinjaException problem)
        {
            throw new ChatTemplateException(_file, $"in its chat template, {problem.Message.TrimEnd('.')}", "Write it otherwise, name another file as ChatTemplate, or none", problem);
        }
    }

    /// <summary>A conversation, up to where the model's answer begins.</summary>
    /// <exception cref="ChatTemplateException">The template refuses it.</exception>
    public string Render(IEnumerable<ChatTurn> turns)
    {
        var variables = new Map
        {
            ["messages"] = turns.Select(turn => (object?)new Map { ["role"] = turn.Role, ["content"] = turn.Content }).ToList(),
            ["tools"] = null,
            ["documents"] = null,
            ["add_generation_prompt"] = true,
        };
        foreach (var (name, token) in _specialTokens)
            variables[name] = token;
        if (_thinking is { } thinking)
            variables["enable_thinking"] = thinking;
        try
        {
            return _template.Render(variables, Today);
        }
        catch (JinjaException problem)
        {
            throw new ChatTemplateException(_file, $"in its chat template, {problem.Message.TrimEnd('.')}", "Give it a conversation that it takes, or name another ChatTemplate", problem);
        }
    }
}
