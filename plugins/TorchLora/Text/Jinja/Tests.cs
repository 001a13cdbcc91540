namespace CoreSrl.Plugins.TorchLora.Jinja;

/// <summary><c>value is name</c>.</summary>
internal static class Tests
{
    private static readonly Dictionary<string, Func<object?, Arguments, bool>> Known = new()
    {
        ["boolean"] = (value, _) => value is bool,
        ["callable"] = (value, _) => value is Callable,
        ["defined"] = (value, _) => value is not Undefined,
        ["divisibleby"] = (value, arguments) => Remainder(value, Arguments.Integer(arguments.Bind("num")[0])) == 0,
        ["eq"] = (value, arguments) => Compare("==", value, arguments),
        ["equalto"] = (value, arguments) => Compare("==", value, arguments),
        ["even"] = (value, _) => Remainder(value, 2) == 0,
        ["false"] = (value, _) => value is false,
        ["float"] = (value, _) => value is double,
        ["ge"] = (value, arguments) => Compare(">=", value, arguments),
        ["gt"] = (value, arguments) => Compare(">", value, arguments),
        ["in"] = (value, arguments) => Compare("in", value, arguments),
        ["integer"] = (value, _) => value is long,
        ["iterable"] = (value, _) => value is Undefined or string or IReadOnlyList<object?> or Map,
        ["le"] = (value, arguments) => Compare("<=", value, arguments),
        ["lt"] = (value, arguments) => Compare("<", value, arguments),
        ["mapping"] = (value, _) => value is Map,
        ["ne"] = (value, arguments) => Compare("!=", value, arguments),
        ["none"] = (value, _) => value is null,
        ["number"] = (value, _) => Operators.Number(value) is not null,
        ["odd"] = (value, _) => Remainder(value, 2) == 1,
        ["sequence"] = (value, _) => value is Undefined or string or IReadOnlyList<object?> or Map,
        ["string"] = (value, _) => value is string,
        ["true"] = (value, _) => value is true,
        ["undefined"] = (value, _) => value is Undefined,
    };

    public static bool IsKnown(string name) => Known.ContainsKey(name);

    public static string Names => string.Join(", ", Known.Keys);

    public static bool Apply(string name, object? value, Arguments arguments) => Known[name](value, arguments);

    private static bool Compare(string sign, object? value, Arguments arguments) => Operators.Compare(sign, value, arguments.Bind("other")[0]);

    private static long? Remainder(object? value, long? divisor) =>
        Operators.Apply("%", value, divisor, new Work()) is long rest ? rest : throw new ValueException($"{Values.KindOf(value)} stands where a whole number should");
}
