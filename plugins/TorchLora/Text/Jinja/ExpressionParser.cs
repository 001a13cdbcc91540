using System.Globalization;
using System.Runtime.CompilerServices;

namespace CoreSrl.Plugins.TorchLora.Jinja;

/// <summary>Puts tokens together to expressions, with the precedence of Jinja: <c>if</c>, <c>or</c>, <c>and</c>, <c>not</c>,
/// comparisons, <c>+ -</c>, <c>~</c>, <c>* / // %</c>, <c>**</c>, signs, and filters closest of all.</summary>
internal sealed class ExpressionParser(TokenReader tokens)
{
    private static readonly string[] Comparisons = ["==", "!=", "<", "<=", ">", ">="];
    private static readonly string[] Keywords = ["and", "else", "if", "in", "is", "not", "or"];

    // An argument may follow these without brackets: x is equalto 3.
    private static readonly string[] TestsWithArgument = ["divisibleby", "eq", "equalto", "ge", "gt", "in", "le", "lt", "ne"];

    /// <summary>An expression.</summary>
    /// <param name="withCondition">Whether an <c>if</c> behind it belongs to it.</param>
    public Expression Parse(bool withCondition = true)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new JinjaException(tokens.Line, "expressions stand too deep in one another");
        var value = ParseOr();
        while (withCondition && tokens.Current is var keyword && tokens.TryName("if"))
        {
            var test = ParseOr();
            value = new Conditional(keyword.Line, test, value, tokens.TryName("else") ? Parse() : null);
        }

        return value;
    }

    /// <summary>What stands between the brackets of a call, the first of which has been taken.</summary>
    public ArgumentList ParseArguments()
    {
        var positional = new List<Expression>();
        var named = new List<(string, Expression)>();
        while (!tokens.TrySign(")"))
        {
            if (tokens.IsSign("*") || tokens.IsSign("**"))
                throw new JinjaException(tokens.Line, "arguments with '*' are not supported");
            var value = Parse();
            if (value is Variable name && tokens.TrySign("="))
                named.Add((name.Name, Parse()));
            else if (named.Count > 0)
                throw new JinjaException(value.Line, "an argument without a name stands behind one with a name");
            else
                positional.Add(value);
            if (!tokens.IsSign(")"))
                tokens.ExpectSign(",");
        }

        return new(positional, named);
    }

    private Expression ParseOr() => ParseWords("or", ParseAnd);

    private Expression ParseAnd() => ParseWords("and", ParseNot);

    private Expression ParseWords(string word, Func<Expression> next)
    {
        var left = next();
        while (tokens.Current is var keyword && tokens.TryName(word))
            left = new Binary(keyword.Line, word, left, next());
        return left;
    }

    private Expression ParseNot()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new JinjaException(tokens.Line, "expressions stand too deep in one another");
        return tokens.Current is var keyword && tokens.TryName("not") ? new Unary(keyword.Line, "not", ParseNot()) : ParseComparison();
    }

    private Expression ParseComparison()
    {
        var first = ParseSum();
        var rest = new List<(string, Expression)>();
        while (TakeComparison() is { } comparison)
            rest.Add((comparison, ParseSum()));
        return rest.Count == 0 ? first : new Comparison(first.Line, first, rest);
    }

    private string? TakeComparison()
    {
        if (tokens.TryName("in"))
            return "in";
        if (tokens.IsName("not") && tokens.IsNextName("in"))
        {
            tokens.Take();
            tokens.Take();
            return "not in";
        }

        return tokens.Current.Kind == TokenKind.Sign && Comparisons.Contains(tokens.Current.Text) ? tokens.Take().Text : null;
    }

    private Expression ParseSum() => ParseSigns(["+", "-"], ParseJoin);

    private Expression ParseJoin() => ParseSigns(["~"], ParseProduct);

    private Expression ParseProduct() => ParseSigns(["*", "/", "//", "%"], ParsePower);

    private Expression ParsePower() => ParseSigns(["**"], () => ParseSigned(withFilters: true));

    private Expression ParseSigns(string[] signs, Func<Expression> next)
    {
        var left = next();
        while (tokens.Current is { Kind: TokenKind.Sign } sign && signs.Contains(sign.Text))
        {
            tokens.Take();
            left = new Binary(sign.Line, sign.Text, left, next());
        }

        return left;
    }

    private Expression ParseSigned(bool withFilters)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new JinjaException(tokens.Line, "expressions stand too deep in one another");
        var sign = tokens.Current;
        var value = tokens.TrySign("-") || tokens.TrySign("+")
            ? new Unary(sign.Line, sign.Text, ParseSigned(withFilters: false))
            : ParsePrimary();
        value = ParseParts(value);
        return withFilters ? ParseFilters(value) : value;
    }

    private Expression ParsePrimary()
    {
        var token = tokens.Take();
        switch (token.Kind)
        {
            case TokenKind.Name when !Keywords.Contains(token.Text):
                return token.Text switch
                {
                    "true" or "True" => new Literal(token.Line, true),
                    "false" or "False" => new Literal(token.Line, false),
                    "none" or "None" => new Literal(token.Line, null),
                    _ => new Variable(token.Line, token.Text),
                };
            case TokenKind.String:
                var text = token.Text;
                while (tokens.Current.Kind == TokenKind.String)
                    text += tokens.Take().Text;
                return new Literal(token.Line, text);
            case TokenKind.Integer:
                return long.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var whole)
                    ? new Literal(token.Line, whole)
                    : throw new JinjaException(token.Line, $"{token.Text} is too large a number");
            case TokenKind.Float:
                return new Literal(token.Line, double.Parse(token.Text, CultureInfo.InvariantCulture));
            case TokenKind.Sign when token.Text == "(":
                return ParseBracketed(token.Line);
            case TokenKind.Sign when token.Text == "[":
                return new ListLiteral(token.Line, ParseItems("]"));
            case TokenKind.Sign when token.Text == "{":
                return new MapLiteral(token.Line, ParseEntries());
            default:
                throw new JinjaException(token.Line, $"{token} stands where a value should");
        }
    }

    // (a) is a; (a, b) and (a,) are lists.
    private Expression ParseBracketed(int line)
    {
        if (tokens.TrySign(")"))
            return new ListLiteral(line, []);
        var first = Parse();
        if (tokens.TrySign(")"))
            return first;
        tokens.ExpectSign(",");
        return new ListLiteral(line, [first, .. ParseItems(")")]);
    }

    private List<Expression> ParseItems(string end)
    {
        var items = new List<Expression>();
        while (!tokens.TrySign(end))
        {
            items.Add(Parse());
            if (!tokens.IsSign(end))
                tokens.ExpectSign(",");
        }

        return items;
    }

    private List<(Expression, Expression)> ParseEntries()
    {
        var entries = new List<(Expression, Expression)>();
        while (!tokens.TrySign("}"))
        {
            var key = Parse();
            tokens.ExpectSign(":");
            entries.Add((key, Parse()));
            if (!tokens.IsSign("}"))
                tokens.ExpectSign(",");
        }

        return entries;
    }

    private Expression ParseParts(Expression value)
    {
        while (true)
        {
            var line = tokens.Line;
            if (tokens.TrySign("."))
                value = tokens.Current.Kind == TokenKind.Integer ? new Item(line, value, ParsePrimary()) : new Member(line, value, tokens.ExpectAnyName());
            else if (tokens.TrySign("["))
                value = ParseItem(line, value);
            else if (tokens.TrySign("("))
                value = new Call(line, value, ParseArguments());
            else
                return value;
        }
    }

    private Expression ParseItem(int line, Expression target)
    {
        var start = tokens.IsSign(":") ? null : Parse();
        if (start is not null && tokens.TrySign("]"))
            return new Item(line, target, start);
        tokens.ExpectSign(":");
        var stop = tokens.IsSign(":") || tokens.IsSign("]") ? null : Parse();
        var step = tokens.TrySign(":") && !tokens.IsSign("]") ? Parse() : null;
        tokens.ExpectSign("]");
        return new Slice(line, target, start, stop, step);
    }

    private Expression ParseFilters(Expression value)
    {
        while (true)
        {
            var line = tokens.Line;
            if (tokens.TrySign("|"))
                value = ParseFilter(line, value);
            else if (tokens.TryName("is"))
                value = ParseTest(line, value);
            else if (tokens.TrySign("("))
                value = new Call(line, value, ParseArguments());
            else
                return value;
        }
    }

    private Filtered ParseFilter(int line, Expression value)
    {
        var name = tokens.ExpectAnyName();
        return Filters.IsKnown(name)
            ? new(line, value, name, tokens.TrySign("(") ? ParseArguments() : ArgumentList.None)
            : throw new JinjaException(line, $"the filter '{name}' is not supported; known are {Filters.Names}");
    }

    private Expression ParseTest(int line, Expression value)
    {
        var isNegated = tokens.TryName("not");
        var name = tokens.ExpectAnyName();
        if (!Tests.IsKnown(name))
            throw new JinjaException(line, $"the test '{name}' is not supported; known are {Tests.Names}");
        var arguments = tokens.TrySign("(") ? ParseArguments()
            : TestsWithArgument.Contains(name) ? new ArgumentList([ParseParts(ParsePrimary())], [])
            : ArgumentList.None;
        var test = new Tested(line, value, name, arguments);
        return isNegated ? new Unary(line, "not", test) : test;
    }
}
