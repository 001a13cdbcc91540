using CoreSrl.Abstractions;
using CoreSrl.Configuration;

namespace CoreSrl.Plugins;

/// <summary>What a plugin's class asks the engine for, as its constructor says it.</summary>
/// <param name="Type">The class.</param>
/// <param name="Options">Its options record; null when it has none.</param>
/// <param name="List">The key of the list in its section from which it gets plugins of its own contract; null when it takes none.</param>
/// <param name="TakesPlace">Whether it asks where the configuration's checkpoints lie.</param>
internal sealed record PluginShape(Type Type, Type? Options, string? List, bool TakesPlace)
{
    /// <summary>The keys of its section that are no options of the record.</summary>
    public IReadOnlyList<string> ReservedKeys(PluginContract contract) =>
        [.. contract == PluginContract.Backend ? ["Use", "Id"] : new[] { "Use" }, .. List is null ? [] : new[] { List }];

    /// <summary>Reads it from a class.</summary>
    /// <exception cref="ConfigurationException">The class is not what a plugin must be.</exception>
    public static PluginShape Of(PluginDescriptor plugin, Type type)
    {
        var constructors = type.GetConstructors();
        if (type.IsAbstract || constructors.Length != 1)
            throw new ConfigurationException($"plugin '{plugin.Name}' must be a class with one public constructor; {type.FullName} has {constructors.Length}.");
        var parameters = constructors[0].GetParameters();
        var records = parameters.Select(p => p.ParameterType).Where(t => t.Assembly == type.Assembly && IsSealedRecord(t)).ToList();
        if (records.Count > 1)
            throw new ConfigurationException($"plugin '{plugin.Name}' asks for {records.Count} option records; it may ask for one.");
        var members = typeof(IReadOnlyList<>).MakeGenericType(PluginContracts.TypeOf(plugin.Contract));
        var list = parameters.FirstOrDefault(parameter => parameter.ParameterType == members)?.Name;
        return new(
            type, records.FirstOrDefault(), list is null ? null : $"{char.ToUpperInvariant(list[0])}{list[1..]}",
            parameters.Any(parameter => parameter.ParameterType == typeof(StorageContext)));
    }

    /// <summary>A record class has a copy method that C# code cannot name.</summary>
    private static bool IsSealedRecord(Type type) => type.IsSealed && type.GetMethod("<Clone>$") is not null;
}
