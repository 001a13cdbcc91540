using CoreSrl.Abstractions;
using CoreSrl.Configuration;
using Microsoft.Extensions.Configuration;

namespace CoreSrl.Plugins.Inspecting;

/// <summary>Makes instances of a plugin for somebody who examines it, with the options that a configuration gives it.</summary>
/// <param name="host">Creates them.</param>
public sealed class PluginSpecimens(PluginHost host)
{
    private const string Folder = "srl-verify";

    /// <summary>Where a configuration selects a plugin, once for each set of options; where it does not, one selection without options,
    /// so that its defaults hold.</summary>
    public static IReadOnlyList<PluginSelection> SelectionsOf(MultiModelConfig config, PluginDescriptor plugin)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(plugin);
        IEnumerable<PluginSelection> all = plugin.Contract switch
        {
            PluginContract.Policy => config.Policies,
            PluginContract.Metadata => config.Metadata,
            PluginContract.Storage => config.FastTier is { } fast ? [config.Storage, fast.Storage] : [config.Storage],
            PluginContract.Backend => config.Models.Select(model => model.Backend),
            _ => [config.Environment],
        };
        var named = all.Where(selection => string.Equals(selection.Use, plugin.Name, StringComparison.OrdinalIgnoreCase)).DistinctBy(Options).ToList();
        return named.Count > 0 ? named : [new(plugin.Name, plugin.Name, new ConfigurationBuilder().Build().GetSection(plugin.Name))];
    }

    /// <summary>Makes a storage at a place of that name, for as many names as there are: below the place that the configuration gives
    /// it, so that nothing of what is there is touched.</summary>
    /// <param name="selection">Where the configuration selects the storage.</param>
    /// <param name="directory">A folder of this machine, for a storage that works in one.</param>
    /// <exception cref="ConfigurationException">It cannot be loaded, or cannot be told apart places.</exception>
    public Func<string, ICheckpointStorage> StoragesAt(PluginSelection selection, string directory)
    {
        ArgumentNullException.ThrowIfNull(selection);
        var shape = host.Load(PluginContract.Storage, selection);
        var options = shape.Options is null ? [] : OptionTypes.SettableOf(shape.Options).ConvertAll(option => option.Name);
        if (selection.Section["Url"] is null && !options.Contains("Prefix") && !shape.TakesPlace)
            throw new ConfigurationException($"storage '{selection.Use}' has no option 'Prefix' and does not ask for a StorageContext, so that it could only be tried where its objects are. Give it one of the two.");
        return place => host.Prepare<ICheckpointStorage>(PluginContract.Storage, At(place), new StorageContext(Path.Combine(directory, place))).New();

        PluginSelection At(string place)
        {
            var section = selection.Section.AsEnumerable(makePathsRelative: true).Where(entry => entry.Key.Length > 0).ToDictionary(entry => $"{selection.Path}:{entry.Key}", entry => entry.Value, StringComparer.OrdinalIgnoreCase);
            if (selection.Section["Url"] is { } url)
                section[$"{selection.Path}:Url"] = Below(url, place);
            else if (options.Contains("Prefix"))
                section[$"{selection.Path}:Prefix"] = $"{(selection.Section["Prefix"] is { Length: > 0 } prefix ? $"{prefix.TrimEnd('/')}/" : "")}{Folder}/{place}";
            return selection with { Section = new ConfigurationBuilder().AddInMemoryCollection(section).Build().GetSection(selection.Path) };
        }
    }

    /// <summary>The options of a selection in one text, to compare them.</summary>
    private static string Options(PluginSelection selection) => string.Join('\n', selection.Section.AsEnumerable(makePathsRelative: true)
        .Where(entry => entry.Key is not ("" or "Id")).OrderBy(entry => entry.Key, StringComparer.OrdinalIgnoreCase).Select(entry => $"{entry.Key}={entry.Value}"));

    private static string Below(string url, string place)
    {
        var (path, query) = url.IndexOf('?', StringComparison.Ordinal) is >= 0 and var mark ? (url[..mark], url[mark..]) : (url, "");
        return $"{path.TrimEnd('/')}/{Folder}/{place}{query}";
    }
}
