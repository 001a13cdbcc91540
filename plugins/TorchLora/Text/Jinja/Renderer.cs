using System.Text;

namespace CoreSrl.Plugins.TorchLora.Jinja;

/// <summary>Writes a template out.</summary>
internal sealed class Renderer(Work work)
{
    private readonly Evaluator _evaluator = new(work);
    private StringBuilder _output = new();

    private enum Flow
    {
        Next,
        Break,
        Continue,
    }

    /// <summary>What the statements write.</summary>
    public string Render(IReadOnlyList<Statement> statements, Scope scope)
    {
        var outer = _output;
        _output = new();
        try
        {
            Run(statements, scope);
            return _output.ToString();
        }
        finally
        {
            _output = outer;
        }
    }

    private Flow Run(IReadOnlyList<Statement> statements, Scope scope)
    {
        foreach (var statement in statements)
        {
            try
            {
                Values.EnsureShallow();
                work.Spend();
                if (Run(statement, scope) is not Flow.Next and var flow)
                    return flow;
            }
            catch (ValueException problem)
            {
                throw new JinjaException(statement.Line, problem.Message);
            }
        }

        return Flow.Next;
    }

    private Flow Run(Statement statement, Scope scope)
    {
        switch (statement)
        {
            case Text text:
                Write(text.Value);
                return Flow.Next;
            case Output output:
                Write(Values.TextOf(_evaluator.Evaluate(output.Value, scope)));
                return Flow.Next;
            case If choice:
                var branch = choice.Branches.FirstOrDefault(branch => branch.Test is null || _evaluator.IsTrue(branch.Test, scope));
                return branch.Body is null ? Flow.Next : Run(branch.Body, scope);
            case For loop:
                return Run(loop, scope);
            case Set set:
                Assign(set.Targets, _evaluator.Evaluate(set.Value, scope), scope);
                return Flow.Next;
            case SetMember member:
                var space = scope.Get(member.Space) as Namespace ?? throw new ValueException($"'{member.Space}' is no namespace, so nothing can be set in it");
                space.Values[member.Name] = _evaluator.Evaluate(member.Value, scope);
                return Flow.Next;
            case Captured captured:
                scope.Set(captured.Name, Render(captured.Body, new Scope(scope)));
                return Flow.Next;
            case Macro macro:
                scope.Set(macro.Name, (Callable)(arguments => Call(macro, arguments, scope)));
                return Flow.Next;
            case Generation generation:
                return Run(generation.Body, scope);
            case Break:
                return Flow.Break;
            case Continue:
                return Flow.Continue;
            default:
                throw new InvalidOperationException($"{statement.GetType().Name} is no statement.");
        }
    }

    private Flow Run(For loop, Scope scope)
    {
        var items = Values.ItemsOf(_evaluator.Evaluate(loop.Items, scope));
        if (loop.Filter is { } filter)
            items = [.. items.Where(item => _evaluator.IsTrue(filter, Inner(item)))];
        if (items.Count == 0)
            return Run(loop.Otherwise, new Scope(scope));
        for (var i = 0; i < items.Count; i++)
        {
            var inner = Inner(items[i]);
            inner.Set("loop", new Loop(items, i));
            if (Run(loop.Body, inner) == Flow.Break)
                break;
        }

        return Flow.Next;

        Scope Inner(object? item)
        {
            var inner = new Scope(scope);
            Assign(loop.Targets, item, inner);
            return inner;
        }
    }

    private string Call(Macro macro, Arguments arguments, Scope scope)
    {
        Values.EnsureShallow();
        var values = arguments.Bind([.. macro.Parameters.Select(parameter => parameter.Name)]);
        var inner = new Scope(scope);
        for (var i = 0; i < values.Length; i++)
        {
            var (name, standard) = macro.Parameters[i];
            inner.Set(name, values[i] is Undefined && standard is not null ? _evaluator.Evaluate(standard, inner) : values[i]);
        }

        return Render(macro.Body, inner);
    }

    private static void Assign(IReadOnlyList<string> targets, object? value, Scope scope)
    {
        if (targets.Count == 1)
        {
            scope.Set(targets[0], value);
            return;
        }

        var values = Values.ItemsOf(value);
        if (values.Count != targets.Count)
            throw new ValueException($"{values.Count} values stand where {targets.Count} should, for {string.Join(", ", targets)}");
        for (var i = 0; i < targets.Count; i++)
            scope.Set(targets[i], values[i]);
    }

    private void Write(string text)
    {
        work.Spend(text.Length);
        _output.Append(text);
    }
}
