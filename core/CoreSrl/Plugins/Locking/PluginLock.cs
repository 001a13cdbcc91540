using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CoreSrl.Configuration;

namespace CoreSrl.Plugins.Locking;

/// <summary>
/// Which plugins a configuration may load, to the last byte of every file: <c>plugins.lock.json</c> beside it. The file is the same
/// for the same plugins, wherever they lie, and can be kept with the configuration.
/// </summary>
public sealed class PluginLock
{
    private const int FormatVersion = 1;

    private const string Ways = "Install the plugin again; or, if it is the one you want, write the lock anew with 'srl plugins lock'.";
    private const string Remedy = "Bring back the one that was written, or, if the plugins are the right ones, write it anew with 'srl plugins lock'.";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private readonly string _name;
    private readonly IReadOnlyList<LockedPlugin> _plugins;

    private PluginLock(string name, IEnumerable<LockedPlugin> plugins)
    {
        _name = name;
        _plugins = [.. plugins.OrderBy(plugin => plugin.Assembly, StringComparer.Ordinal)];
    }

    /// <summary>The names of the assemblies that it holds.</summary>
    public IReadOnlyList<string> Assemblies => [.. _plugins.Select(plugin => plugin.Assembly)];

    /// <summary>How many files it holds.</summary>
    public int FileCount => _plugins.Sum(plugin => plugin.Files.Count);

    /// <summary>Locks every plugin of a catalog, as its files are now.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static PluginLock Of(PluginCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new("", FoldersOf(catalog).Select(plugin => LockedPlugin.Of(plugin.Folder, plugin.Version)).DistinctBy(Text).OrderBy(Text, StringComparer.Ordinal));
    }

    /// <summary>Reads a lock.</summary>
    /// <returns>The lock; null when there is none.</returns>
    /// <exception cref="ConfigurationException">It is no lock that this program understands.</exception>
    public static PluginLock? Read(string path)
    {
        if (!Path.Exists(path)) // Whatever else it is, it is not to be passed over.
            return null;
        try
        {
            var text = File.ReadAllText(path);
            var version = JsonSerializer.Deserialize<Header>(text, Json)?.FormatVersion;
            return version == FormatVersion
                ? new(path, JsonSerializer.Deserialize<Content>(text, Json)!.Plugins.Select(plugin => plugin ?? throw new JsonException("a plugin in it is null")))
                : throw new ConfigurationException($"{path}: its format_version is {version?.ToString(CultureInfo.InvariantCulture) ?? "missing"}; this program understands {FormatVersion}. {Remedy}");
        }
        catch (JsonException e)
        {
            throw new ConfigurationException($"{path}{(e.LineNumber is { } line ? $", line {line + 1}" : "")}: it is no lock of plugins: {e.Message.Split(" LineNumber:", 2)[0].Split(" Path:", 2)[0].TrimEnd('.')}. {Remedy}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{path} cannot be read, so no plugin can be compared with it: {e.Message}", e);
        }
    }

    /// <summary>Writes it, in one step.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string path)
    {
        var partial = $"{path}.{Guid.NewGuid():N}";
        try
        {
            File.WriteAllText(partial, JsonSerializer.Serialize(new Content(FormatVersion, _plugins), Json) + "\n", new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    /// <summary>All that differs between this and the plugins of a catalog, each a sentence without its full stop.</summary>
    public IReadOnlyList<string> DifferencesTo(PluginCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        var folders = FoldersOf(catalog).Select(plugin => plugin.Folder).ToList();
        return
        [
            .. folders.SelectMany(folder => Compare(folder).Select(difference => $"{folder.Assembly} ({folder.Path}): {difference}")),
            .. Assemblies.Distinct().Where(assembly => folders.TrueForAll(folder => folder.Assembly != assembly)).Select(assembly => $"{assembly}: it is locked, but in no plugin directory"),
        ];
    }

    /// <summary>What of a plugin's folder differs, with what to do about it; null when nothing does.</summary>
    internal string? Differs(PluginFolder folder) => Compare(folder) switch
    {
        [] => null,
        [var one] => $"{one} ({folder.Path}, {_name}). {Ways}",
        [var first, .. var others] => $"{first}, and {others.Count} more ({folder.Path}, {_name}). {Ways}",
    };

    private List<string> Compare(PluginFolder folder)
    {
        var locked = _plugins.Where(plugin => plugin.Assembly == folder.Assembly).ToList();
        if (locked.Count == 0)
            return ["it is not among the plugins that were locked"];
        try
        {
            var now = LockedPlugin.Of(folder, new());
            return locked.Select(plugin => plugin.DifferencesTo(now).ToList()).MinBy(differences => differences.Count)!;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [$"a file of it cannot be read: {e.Message.TrimEnd('.')}"];
        }
    }

    private static IEnumerable<(PluginFolder Folder, Version Version)> FoldersOf(PluginCatalog catalog) => catalog.Plugins
        .Where(plugin => plugin.LoadedType is null)
        .DistinctBy(plugin => plugin.AssemblyPath)
        .Select(plugin => (PluginFolder.Of(plugin.AssemblyPath), plugin.Version));

    private static string Text(LockedPlugin plugin) => JsonSerializer.Serialize(plugin, Json);

    private sealed record Header(int? FormatVersion = null);

    private sealed record Content(int FormatVersion, IReadOnlyList<LockedPlugin> Plugins);
}
