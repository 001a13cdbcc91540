using System.Reflection;
using CoreSrl.Configuration;
using McMaster.NETCore.Plugins;

namespace CoreSrl.Plugins;

/// <summary>Loads plugin assemblies, each into a load context of its own, sharing with the program what both must see as one.</summary>
internal sealed class PluginLoadContexts
{
    /// <summary>
    /// One instance per process: the contracts, or no type would match; TorchSharp, because a second libtorch aborts the process;
    /// Autofac, or a plugin's modules would silently register nothing; logging, or no plugin would get its logger.
    /// </summary>
    private static readonly string[] Shared =
    [
        "CoreSrl.Abstractions", "CoreSrl.Torch", "TorchSharp", "Autofac",
        "Microsoft.Extensions.Logging.Abstractions", "Microsoft.Extensions.DependencyInjection.Abstractions",
    ];

    private readonly Dictionary<string, Assembly> _loaded = [];

    /// <summary>Whether the program shares an assembly with the plugins.</summary>
    public static bool IsShared(string assemblyName) => Shared.Contains(assemblyName, StringComparer.OrdinalIgnoreCase) && IsPresent(assemblyName);

    /// <summary>The class of a plugin.</summary>
    /// <exception cref="ConfigurationException">It cannot be loaded, or does not implement its contract as this program knows it.</exception>
    public Type Load(PluginDescriptor plugin)
    {
        if (plugin.LoadedType is { } loadedType)
            return loadedType;
        try
        {
            var type = LoadAssembly(plugin.AssemblyPath).GetType(plugin.TypeName, throwOnError: true)!;
            if (!PluginContracts.TypeOf(plugin.Contract).IsAssignableFrom(type))
                throw new ConfigurationException($"Plugin '{plugin.Name}' ({plugin.AssemblyPath}) brings its own copy of the contracts. Build it with the reference to CoreSrl.Abstractions marked ExcludeAssets=\"runtime\".");
            return type;
        }
        catch (FileNotFoundException e) when (e.FileName is { } name)
        {
            throw new ConfigurationException($"Plugin '{plugin.Name}' ({plugin.AssemblyPath}) cannot be loaded: {Misses(name)}", e);
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or TypeLoadException or ReflectionTypeLoadException)
        {
            throw new ConfigurationException($"Plugin '{plugin.Name}' ({plugin.AssemblyPath}) cannot be loaded: {e.Message} Reinstall it with all its dependencies.", e);
        }
    }

    /// <summary>What to say of a plugin that needs an assembly which is not there.</summary>
    /// <param name="assembly">The assembly's full name.</param>
    public static string Misses(string assembly) => $"it needs '{assembly}', which is not in its folder. Install it again with all it depends on, as 'dotnet publish' lays it out.";

    private Assembly LoadAssembly(string path)
    {
        if (_loaded.TryGetValue(path, out var assembly))
            return assembly;
        var loader = PluginLoader.CreateFromAssemblyFile(path, config =>
        {
            foreach (var name in Shared.Where(IsPresent))
                config.SharedAssemblies.Add(new AssemblyName(name));
        });
        return _loaded[path] = loader.LoadDefaultAssembly();
    }

    private static bool IsPresent(string assemblyName) =>
        File.Exists(Path.Combine(AppContext.BaseDirectory, assemblyName + ".dll"));
}
