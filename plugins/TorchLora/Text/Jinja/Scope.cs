namespace CoreSrl.Plugins.TorchLora.Jinja;

/// <summary>Variables. Those of an outer scope are seen and not changed: what is set in a loop is gone behind it.</summary>
internal sealed class Scope(Scope? outer = null)
{
    private readonly Dictionary<string, object?> _variables = [];

    public void Set(string name, object? value) => _variables[name] = value;

    public object? Get(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope._variables.TryGetValue(name, out var value))
                return value;
        }

        return new Undefined($"'{name}' is undefined");
    }

    private Scope? Outer { get; } = outer;
}
