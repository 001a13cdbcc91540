namespace CoreSrl.Plugins.TorchLora.Jinja;

/// <summary>What a loop's body sees as <c>loop</c>.</summary>
/// <param name="Items">What is gone through.</param>
/// <param name="Index">Where it is, from 0.</param>
internal sealed record Loop(IReadOnlyList<object?> Items, int Index)
{
    public bool TryGet(string name, out object? value)
    {
        (var isKnown, value) = name switch
        {
            "index" => (true, (object?)(Index + 1L)),
            "index0" => (true, (long)Index),
            "revindex" => (true, (long)Items.Count - Index),
            "revindex0" => (true, Items.Count - Index - 1L),
            "first" => (true, Index == 0),
            "last" => (true, Index == Items.Count - 1),
            "length" => (true, (long)Items.Count),
            "previtem" => (true, Index > 0 ? Items[Index - 1] : new Undefined("there is no previous item")),
            "nextitem" => (true, Index < Items.Count - 1 ? Items[Index + 1] : new Undefined("there is no next item")),
            "cycle" or "changed" or "depth" or "depth0" => throw new ValueException($"'loop.{name}' is not supported"),
            _ => (false, null),
        };
        return isKnown;
    }
}
