using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace CoreSrl.Tests.Architecture;

/// <summary>What the build laid out: the command, the assemblies beside it and its plugins, read as files.</summary>
internal static class Built
{
    /// <summary>The folder of the <c>srl</c> command.</summary>
    public static string Folder { get; } = Path.GetDirectoryName(
        Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "SrlPath").Value!)!;

    /// <summary>The folders of the plugins that the command brings along.</summary>
    public static IEnumerable<string> PluginFolders => Directory.EnumerateDirectories(Path.Combine(Folder, "plugins"));

    /// <summary>The names of those plugins' assemblies.</summary>
    public static IEnumerable<string> Plugins => PluginFolders.Select(folder => Path.GetFileName(folder));

    public static string PathOf(string plugin) => Path.Combine(Folder, "plugins", plugin, plugin + ".dll");

    /// <summary>The names of the assemblies that one beside the command refers to.</summary>
    public static IReadOnlyList<string> ReferencesOf(string assembly) => ReferencesIn(Path.Combine(Folder, assembly + ".dll"));

    public static IReadOnlyList<string> ReferencesIn(string path)
    {
        using var image = new PEReader(File.OpenRead(path));
        var reader = image.GetMetadataReader();
        return [.. reader.AssemblyReferences.Select(handle => reader.GetString(reader.GetAssemblyReference(handle).Name))];
    }

    /// <summary>The namespaces of an assembly whose types another one beside the command uses.</summary>
    public static IReadOnlyList<string> NamespacesOf(string assembly, string usedBy)
    {
        using var image = new PEReader(File.OpenRead(Path.Combine(Folder, usedBy + ".dll")));
        var reader = image.GetMetadataReader();
        return
        [
            .. reader.TypeReferences.Select(reader.GetTypeReference)
                .Where(type => type.ResolutionScope.Kind == HandleKind.AssemblyReference
                    && reader.StringComparer.Equals(reader.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name, assembly))
                .Select(type => reader.GetString(type.Namespace)).Distinct(),
        ];
    }
}
