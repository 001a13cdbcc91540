namespace CoreSrl.Plugins.TorchLora.Jinja;

/// <summary>The methods of Python's dictionaries that templates use.</summary>
internal static class MapMethods
{
    private static readonly Dictionary<string, Func<Map, Arguments, object?>> Known = new()
    {
        ["get"] = Get,
        ["items"] = (map, _) => map.Select(entry => (object?)new List<object?> { entry.Key, entry.Value }).ToList(),
        ["keys"] = (map, _) => map.Keys.ToList<object?>(),
        ["values"] = (map, _) => map.Values.ToList(),
    };

    public static bool TryCall(Map map, string method, Arguments arguments, out object? value)
    {
        var isKnown = Known.TryGetValue(method, out var known);
        value = isKnown ? known!(map, arguments) : null;
        return isKnown;
    }

    private static object? Get(Map map, Arguments arguments)
    {
        var bound = arguments.Bind("key", "default");
        return bound[0] is string key && map.TryGetValue(key, out var value) ? value : bound[1] is Undefined ? null : bound[1];
    }
}
