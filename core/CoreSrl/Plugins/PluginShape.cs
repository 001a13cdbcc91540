using System.Reflection;
using Autofac.Core;
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
        // A module of the assembly may register what the constructor asks for; where there is none, options must be meant.
        if (parameters.Where(p => p.ParameterType.Assembly == type.Assembly && !IsOptions(p.ParameterType)).FirstOrDefault(p => IsSealedRecord(p.ParameterType)
                || (p is { HasDefaultValue: false, ParameterType: { IsInterface: false, IsEnum: false } } && !ModulesOf(type.Assembly).Any())) is { } odd)
            throw new ConfigurationException($"plugin '{plugin.Name}' cannot be used: its options '{odd.ParameterType.Name}' must be a sealed record with a parameterless constructor.");
        var records = parameters.Select(p => p.ParameterType).Where(t => t.Assembly == type.Assembly && IsOptions(t)).ToList();
        if (records.Count > 1)
            throw new ConfigurationException($"plugin '{plugin.Name}' asks for {records.Count} option records; it may ask for one.");
        var members = typeof(IReadOnlyList<>).MakeGenericType(PluginContracts.TypeOf(plugin.Contract));
        var list = parameters.FirstOrDefault(parameter => parameter.ParameterType == members)?.Name;
        return new(
            type, records.FirstOrDefault(), list is null ? null : $"{char.ToUpperInvariant(list[0])}{list[1..]}",
            parameters.Any(parameter => parameter.ParameterType == typeof(StorageContext)));
    }

    /// <summary>The Autofac modules that an assembly offers to its plugins.</summary>
    public static IEnumerable<Type> ModulesOf(Assembly assembly) => assembly.GetExportedTypes().Where(type => type is { IsAbstract: false } && typeof(IModule).IsAssignableFrom(type));

    private static bool IsOptions(Type type) => IsSealedRecord(type) && type.GetConstructor(Type.EmptyTypes) is not null;

    /// <summary>A record class has a copy method that C# code cannot name.</summary>
    private static bool IsSealedRecord(Type type) => type.IsSealed && type.GetMethod("<Clone>$") is not null;
}
