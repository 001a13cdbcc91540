namespace CoreSrl.Plugins.TorchLora.Jinja;

/// <summary>Something that is done.</summary>
/// <param name="Line">Where it stands, from 1.</param>
internal abstract record Statement(int Line);

/// <summary>Text that is written as it stands.</summary>
internal sealed record Text(int Line, string Value) : Statement(Line);

/// <summary><c>{{ value }}</c>.</summary>
internal sealed record Output(int Line, Expression Value) : Statement(Line);

/// <summary><c>if … elif … else</c>: the first whose test holds; the last may have none.</summary>
internal sealed record If(int Line, IReadOnlyList<(Expression? Test, IReadOnlyList<Statement> Body)> Branches) : Statement(Line);

/// <summary><c>for targets in items if filter … else …</c>.</summary>
internal sealed record For(
    int Line, IReadOnlyList<string> Targets, Expression Items, Expression? Filter, IReadOnlyList<Statement> Body, IReadOnlyList<Statement> Otherwise)
    : Statement(Line);

/// <summary><c>set targets = value</c>; several take a list apart.</summary>
internal sealed record Set(int Line, IReadOnlyList<string> Targets, Expression Value) : Statement(Line);

/// <summary><c>set space.name = value</c>.</summary>
internal sealed record SetMember(int Line, string Space, string Name, Expression Value) : Statement(Line);

/// <summary><c>set name … endset</c>: what is written in between.</summary>
internal sealed record Captured(int Line, string Name, IReadOnlyList<Statement> Body) : Statement(Line);

/// <summary><c>macro name(parameters) … endmacro</c>.</summary>
internal sealed record Macro(int Line, string Name, IReadOnlyList<(string Name, Expression? Default)> Parameters, IReadOnlyList<Statement> Body)
    : Statement(Line);

/// <summary><c>generation … endgeneration</c>, by which transformers finds what an assistant said: its body.</summary>
internal sealed record Generation(int Line, IReadOnlyList<Statement> Body) : Statement(Line);

/// <summary><c>break</c>.</summary>
internal sealed record Break(int Line) : Statement(Line);

/// <summary><c>continue</c>.</summary>
internal sealed record Continue(int Line) : Statement(Line);
