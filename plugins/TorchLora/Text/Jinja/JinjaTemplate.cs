namespace CoreSrl.Plugins.TorchLora.Jinja;

/// <summary>
/// A template in the part of Jinja 3.1 that chat templates use: what the families of Qwen and Llama, and most others, are written in.
/// Anything else is refused by its name and line. There is no way out of a template: it sees the values it is given and the few
/// functions of <see cref="Functions"/>.
/// </summary>
/// <remarks>Why not a library: those for .NET read languages of their own (Liquid, Scriban), whose expressions differ. The language:
/// jinja.palletsprojects.com, "Template Designer Documentation"; the settings: <c>_compile_jinja_template</c> in transformers'
/// chat_template_utils.py.</remarks>
internal sealed class JinjaTemplate
{
    private readonly IReadOnlyList<Statement> _statements;

    /// <summary>Reads a template.</summary>
    /// <exception cref="JinjaException">It is not understood.</exception>
    public JinjaTemplate(string source) => _statements = StatementParser.Parse(source);

    /// <summary>Writes it out.</summary>
    /// <param name="variables">What it sees.</param>
    /// <param name="now">What it takes for now.</param>
    /// <exception cref="JinjaException">It fails, asks to fail (<c>raise_exception</c>), or does not end.</exception>
    public string Render(Map variables, DateTime now)
    {
        var globals = new Scope();
        Functions.AddTo(globals, now);
        foreach (var (name, value) in variables)
            globals.Set(name, value);
        return new Renderer(new Work()).Render(_statements, new Scope(globals));
    }
}
