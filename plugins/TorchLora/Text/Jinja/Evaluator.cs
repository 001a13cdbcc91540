namespace CoreSrl.Plugins.TorchLora.Jinja;

/// <summary>Finds the values of expressions.</summary>
internal sealed class Evaluator(Work work)
{
    /// <summary>An expression's value.</summary>
    /// <exception cref="JinjaException">It has none.</exception>
    public object? Evaluate(Expression expression, Scope scope)
    {
        try
        {
            Values.EnsureShallow();
            work.Spend();
            var value = ValueOf(expression, scope);
            Pay(expression, value);
            return value;
        }
        catch (ValueException problem)
        {
            throw new JinjaException(expression.Line, problem.Message);
        }
    }

    public bool IsTrue(Expression expression, Scope scope) => Values.IsTrue(Evaluate(expression, scope));

    // What is new has been made, and takes memory.
    private void Pay(Expression expression, object? value)
    {
        if (expression is Literal or Variable or Member or Item)
            return;
        if (value is string text)
            work.Spend(text.Length);
        else if (value is IReadOnlyList<object?> list)
            work.SpendItems(list.Count);
    }

    private object? ValueOf(Expression expression, Scope scope)
    {
        switch (expression)
        {
            case Literal literal:
                return literal.Value;
            case Variable variable:
                return scope.Get(variable.Name);
            case ListLiteral list:
                return list.Items.Select(item => Evaluate(item, scope)).ToList();
            case MapLiteral map:
                return ToMap(map, scope);
            case Member member:
                return Values.Part(Evaluate(member.Target, scope), member.Name);
            case Item item:
                return Values.Part(Evaluate(item.Target, scope), Evaluate(item.Key, scope));
            case Slice slice:
                return Slices.Cut(Evaluate(slice.Target, scope), Bound(slice.Start), Bound(slice.Stop), Bound(slice.Step));
            case Call call:
                return ValueOf(call, scope);
            case Filtered filtered:
                return Filters.Apply(filtered.Name, Evaluate(filtered.Target, scope), ToArguments(filtered.Arguments, scope));
            case Tested tested:
                return Tests.Apply(tested.Name, Evaluate(tested.Target, scope), ToArguments(tested.Arguments, scope));
            case Unary { Operator: "not" } not:
                return !IsTrue(not.Operand, scope);
            case Unary { Operator: "-" } minus:
                return Operators.Negate(Evaluate(minus.Operand, scope));
            case Unary plus:
                return Operators.Apply("+", Evaluate(plus.Operand, scope), 0L, work);
            case Binary binary:
                return ValueOf(binary, scope);
            case Comparison comparison:
                return ValueOf(comparison, scope);
            case Conditional conditional:
                return IsTrue(conditional.Test, scope) ? Evaluate(conditional.Then, scope)
                    : conditional.Otherwise is { } otherwise ? Evaluate(otherwise, scope)
                    : new Undefined("an 'if' without 'else' has no value");
            default:
                throw new InvalidOperationException($"{expression.GetType().Name} is no expression.");
        }

        long? Bound(Expression? bound) => bound is null ? null : Arguments.Integer(Evaluate(bound, scope));
    }

    private object? ValueOf(Binary binary, Scope scope)
    {
        var left = Evaluate(binary.Left, scope);
        return binary.Operator switch
        {
            "and" => Values.IsTrue(left) ? Evaluate(binary.Right, scope) : left,
            "or" => Values.IsTrue(left) ? left : Evaluate(binary.Right, scope),
            _ => Operators.Apply(binary.Operator, left, Evaluate(binary.Right, scope), work),
        };
    }

    private bool ValueOf(Comparison comparison, Scope scope)
    {
        var left = Evaluate(comparison.First, scope);
        foreach (var (sign, next) in comparison.Rest)
        {
            var right = Evaluate(next, scope);
            if (!Operators.Compare(sign, left, right))
                return false;
            left = right;
        }

        return true;
    }

    private object? ValueOf(Call call, Scope scope)
    {
        // A method goes before an entry of its name, as in Python.
        var target = call.Target is Member member ? Evaluate(member.Target, scope) : null;
        var arguments = ToArguments(call.Arguments, scope);
        var method = (call.Target as Member)?.Name;
        switch (target)
        {
            case string text:
                return TextMethods.Call(text, method!, arguments);
            case Map map when MapMethods.TryCall(map, method!, arguments, out var value):
                return value;
        }

        var callee = method is null ? Evaluate(call.Target, scope) : Values.Part(target, method);
        return callee is Callable function
            ? function(arguments)
            : throw new ValueException(callee is Undefined missing ? $"{missing.What}, and cannot be called" : $"{Values.KindOf(callee)} cannot be called");
    }

    private Map ToMap(MapLiteral literal, Scope scope)
    {
        var map = new Map();
        foreach (var (key, value) in literal.Entries)
        {
            map[Evaluate(key, scope) as string ?? throw new ValueException("the keys of a mapping must be texts")] = Evaluate(value, scope);
        }

        return map;
    }

    private Arguments ToArguments(ArgumentList list, Scope scope) => new(
        [.. list.Positional.Select(argument => Evaluate(argument, scope))],
        [.. list.Named.Select(argument => (argument.Name, Evaluate(argument.Value, scope)))],
        work);
}
