using System.Runtime.CompilerServices;

namespace CoreSrl.Plugins.TorchLora.Jinja;

/// <summary>Puts tokens together to the statements of a template.</summary>
internal sealed class StatementParser
{
    private readonly TokenReader _tokens;
    private readonly ExpressionParser _expressions;
    private int _loops;

    private StatementParser(TokenReader tokens)
    {
        _tokens = tokens;
        _expressions = new(tokens);
    }

    /// <summary>The statements of a template.</summary>
    /// <exception cref="JinjaException">It is not understood, or uses what is not supported.</exception>
    public static IReadOnlyList<Statement> Parse(string source) => new StatementParser(new(Lexer.Read(source))).ParseBody().Body;

    // Up to a tag of one of these names, of which the name has been taken; without names, up to the end.
    private (IReadOnlyList<Statement> Body, string End) ParseBody(params string[] ends)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new JinjaException(_tokens.Line, "blocks stand too deep in one another");
        var body = new List<Statement>();
        while (true)
        {
            var token = _tokens.Take();
            switch (token.Kind)
            {
                case TokenKind.Text:
                    body.Add(new Text(token.Line, token.Text));
                    break;
                case TokenKind.OutputBegin:
                    body.Add(new Output(token.Line, _expressions.Parse()));
                    _tokens.Expect(TokenKind.OutputEnd, "'}}'");
                    break;
                case TokenKind.BlockBegin:
                    var name = _tokens.ExpectAnyName();
                    if (ends.Contains(name))
                        return (body, name);
                    body.Add(ParseStatement(token.Line, name));
                    break;
                default:
                    return ends.Length == 0 ? (body, "") : throw new JinjaException(token.Line, $"the template ends without '{ends[^1]}'");
            }
        }
    }

    private Statement ParseStatement(int line, string name)
    {
        switch (name)
        {
            case "if":
                return ParseIf(line);
            case "for":
                return ParseFor(line);
            case "set":
                return ParseSet(line);
            case "macro":
                return ParseMacro(line);
            case "generation":
                EndTag();
                return new Generation(line, ParseToEnd("endgeneration"));
            case "break" or "continue" when _loops > 0:
                EndTag();
                return name == "break" ? new Break(line) : new Continue(line);
            case "break" or "continue":
                throw new JinjaException(line, $"'{name}' stands outside of a loop");
            default:
                throw new JinjaException(line, $"the tag '{name}' is not supported; known are if, for, break, continue, set, macro and generation");
        }
    }

    private If ParseIf(int line)
    {
        var branches = new List<(Expression?, IReadOnlyList<Statement>)>();
        var end = "elif";
        while (end != "endif")
        {
            var test = end == "elif" ? _expressions.Parse() : null;
            EndTag();
            (var body, end) = test is null ? ParseBody("endif") : ParseBody("elif", "else", "endif");
            branches.Add((test, body));
        }

        EndTag();
        return new(line, branches);
    }

    private For ParseFor(int line)
    {
        var targets = ParseTargets();
        _tokens.ExpectName("in");
        var items = _expressions.Parse(withCondition: false);
        var filter = _tokens.TryName("if") ? _expressions.Parse() : null;
        if (_tokens.IsName("recursive"))
            throw new JinjaException(line, "'recursive' loops are not supported");
        EndTag();
        _loops++;
        var (body, end) = ParseBody("else", "endfor");
        _loops--;
        EndTag();
        return new(line, targets, items, filter, body, end == "else" ? ParseToEnd("endfor") : []);
    }

    private Statement ParseSet(int line)
    {
        var targets = ParseTargets();
        if (targets.Count == 1 && _tokens.TrySign("."))
        {
            var member = _tokens.ExpectAnyName();
            _tokens.ExpectSign("=");
            return Ended(new SetMember(line, targets[0], member, _expressions.Parse()));
        }

        if (_tokens.TrySign("="))
            return Ended(new Set(line, targets, ParseValues()));
        if (targets.Count > 1 || _tokens.Current.Kind != TokenKind.BlockEnd)
            throw _tokens.Unexpected("'='");
        EndTag();
        return new Captured(line, targets[0], ParseToEnd("endset"));
    }

    // set a, b = 1, 2
    private Expression ParseValues()
    {
        var first = _expressions.Parse();
        if (!_tokens.IsSign(","))
            return first;
        var values = new List<Expression> { first };
        while (_tokens.TrySign(","))
            values.Add(_expressions.Parse());
        return new ListLiteral(first.Line, values);
    }

    private Macro ParseMacro(int line)
    {
        var name = _tokens.ExpectAnyName();
        _tokens.ExpectSign("(");
        var parameters = new List<(string, Expression?)>();
        while (!_tokens.TrySign(")"))
        {
            parameters.Add((_tokens.ExpectAnyName(), _tokens.TrySign("=") ? _expressions.Parse() : null));
            if (!_tokens.IsSign(")"))
                _tokens.ExpectSign(",");
        }

        EndTag();
        // A loop around the macro is none that its body could leave.
        (var loops, _loops) = (_loops, 0);
        var body = ParseToEnd("endmacro", name);
        _loops = loops;
        return new(line, name, parameters, body);
    }

    private List<string> ParseTargets()
    {
        var isBracketed = _tokens.TrySign("(");
        var targets = new List<string> { _tokens.ExpectAnyName() };
        while (_tokens.TrySign(","))
            targets.Add(_tokens.ExpectAnyName());
        if (isBracketed)
            _tokens.ExpectSign(")");
        return targets;
    }

    // The name of what ends may stand again in the tag that ends it.
    private IReadOnlyList<Statement> ParseToEnd(string end, string? name = null)
    {
        var (body, _) = ParseBody(end);
        if (name is not null)
            _tokens.TryName(name);
        EndTag();
        return body;
    }

    private Statement Ended(Statement statement)
    {
        EndTag();
        return statement;
    }

    private void EndTag() => _tokens.Expect(TokenKind.BlockEnd, "'%}'");
}
