namespace CoreSrl.Plugins.TorchLora.Jinja;

/// <summary>What a function, filter, test or method is called with.</summary>
/// <param name="Positional">The arguments without a name, in order.</param>
/// <param name="Named">Those with one.</param>
/// <param name="Work">Is told of great works before they are done.</param>
internal sealed record Arguments(IReadOnlyList<object?> Positional, IReadOnlyList<(string Name, object? Value)> Named, Work Work)
{
    private static readonly Undefined Missing = new("an argument is missing");

    /// <summary>The arguments in the order of the parameters; undefined where there is none.</summary>
    /// <param name="parameters">The parameters' names; those behind the arguments given must be optional, or checked.</param>
    public object?[] Bind(params string[] parameters)
    {
        if (Positional.Count > parameters.Length)
            throw new ValueException($"it takes {(parameters.Length == 0 ? "no arguments" : $"{parameters.Length} at most ({string.Join(", ", parameters)})")}, and has {Positional.Count}");
        var bound = new object?[parameters.Length];
        for (var i = 0; i < bound.Length; i++)
            bound[i] = i < Positional.Count ? Positional[i] : Missing;
        foreach (var (name, value) in Named)
        {
            var place = Array.IndexOf(parameters, name);
            if (place < 0)
                throw new ValueException($"an argument '{name}' is not supported");
            if (place < Positional.Count)
                throw new ValueException($"its argument '{name}' is given twice");
            bound[place] = value;
        }

        return bound;
    }

    /// <summary>An argument that must be a text; null where it is not given or none.</summary>
    public static string? Text(object? argument) => argument switch
    {
        null or Undefined => null,
        string text => text,
        _ => throw new ValueException($"{Values.KindOf(argument)} stands where a text should"),
    };

    /// <summary>An argument that must be a text and must be there.</summary>
    public static string RequiredText(object? argument) => Text(argument) ?? throw new ValueException($"{Values.KindOf(argument)} stands where a text should");

    /// <summary>An argument that must be a whole number; null where it is not given or none.</summary>
    public static long? Integer(object? argument) => argument switch
    {
        null or Undefined => null,
        long number => number,
        bool truth => truth ? 1 : 0,
        _ => throw new ValueException($"{Values.KindOf(argument)} stands where a whole number should"),
    };
}
