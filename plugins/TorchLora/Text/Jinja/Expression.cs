namespace CoreSrl.Plugins.TorchLora.Jinja;

/// <summary>Something that has a value.</summary>
/// <param name="Line">Where it stands, from 1.</param>
internal abstract record Expression(int Line);

internal sealed record Literal(int Line, object? Value) : Expression(Line);

internal sealed record Variable(int Line, string Name) : Expression(Line);

internal sealed record ListLiteral(int Line, IReadOnlyList<Expression> Items) : Expression(Line);

internal sealed record MapLiteral(int Line, IReadOnlyList<(Expression Key, Expression Value)> Entries) : Expression(Line);

/// <summary><c>target.name</c>.</summary>
internal sealed record Member(int Line, Expression Target, string Name) : Expression(Line);

/// <summary><c>target[key]</c>.</summary>
internal sealed record Item(int Line, Expression Target, Expression Key) : Expression(Line);

/// <summary><c>target[start:stop:step]</c>.</summary>
internal sealed record Slice(int Line, Expression Target, Expression? Start, Expression? Stop, Expression? Step) : Expression(Line);

/// <summary><c>target(arguments)</c>.</summary>
internal sealed record Call(int Line, Expression Target, ArgumentList Arguments) : Expression(Line);

/// <summary><c>target | name(arguments)</c>.</summary>
internal sealed record Filtered(int Line, Expression Target, string Name, ArgumentList Arguments) : Expression(Line);

/// <summary><c>target is name(arguments)</c>.</summary>
internal sealed record Tested(int Line, Expression Target, string Name, ArgumentList Arguments) : Expression(Line);

/// <summary><c>-</c>, <c>+</c> or <c>not</c>.</summary>
internal sealed record Unary(int Line, string Operator, Expression Operand) : Expression(Line);

/// <summary><c>+</c>, <c>~</c>, <c>and</c>, ….</summary>
internal sealed record Binary(int Line, string Operator, Expression Left, Expression Right) : Expression(Line);

/// <summary><c>first == next &lt; next …</c>.</summary>
internal sealed record Comparison(int Line, Expression First, IReadOnlyList<(string Operator, Expression Right)> Rest) : Expression(Line);

/// <summary><c>then if test else otherwise</c>.</summary>
internal sealed record Conditional(int Line, Expression Test, Expression Then, Expression? Otherwise) : Expression(Line);

/// <summary>What stands between the brackets of a call.</summary>
internal sealed record ArgumentList(IReadOnlyList<Expression> Positional, IReadOnlyList<(string Name, Expression Value)> Named)
{
    public static ArgumentList None { get; } = new([], []);
}
