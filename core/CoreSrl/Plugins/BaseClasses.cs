using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using CoreSrl.Plugins.Safety;

namespace CoreSrl.Plugins;

/// <summary>Finds what the classes of a plugin are derived from, in whichever assembly of its folder, or of those the program shares,
/// that is. Reads files; loads no code.</summary>
/// <param name="folder">The plugin's folder.</param>
internal sealed class BaseClasses(string folder) : IDisposable
{
    /// <summary>More than any has; a damaged assembly may derive a class from itself.</summary>
    private const int Most = 100;

    private readonly Dictionary<string, PEReader?> _assemblies = [];

    /// <summary>The contracts that a class, or one that it is derived from, implements.</summary>
    /// <param name="reader">Its assembly.</param>
    /// <param name="type">The class.</param>
    /// <param name="missing">What cannot be found of the classes that it is derived from; null when all can.</param>
    public IReadOnlyList<PluginContract> ContractsOf(MetadataReader reader, TypeDefinition type, out string? missing)
    {
        missing = null;
        var contracts = new List<PluginContract>();
        (MetadataReader Reader, TypeDefinition Type)? current = (reader, type);
        for (var depth = 0; depth < Most && current is var (here, derived); depth++)
        {
            contracts.AddRange(derived.GetInterfaceImplementations()
                .Select(handle => PluginContracts.OfName(here.FullName(here.GetInterfaceImplementation(handle).Interface))).OfType<PluginContract>());
            current = BaseOf(here, derived.BaseType, out missing);
        }

        return [.. contracts.Distinct()];
    }

    public void Dispose()
    {
        foreach (var assembly in _assemblies.Values)
            assembly?.Dispose();
    }

    private (MetadataReader Reader, TypeDefinition Type)? BaseOf(MetadataReader reader, EntityHandle handle, out string? missing)
    {
        missing = null;
        if (handle.Kind == HandleKind.TypeSpecification)
            handle = GenericOf(reader, (TypeSpecificationHandle)handle);
        if (handle.IsNil)
            return null;
        if (handle.Kind == HandleKind.TypeDefinition)
            return (reader, reader.GetTypeDefinition((TypeDefinitionHandle)handle));
        var name = reader.FullName(handle);
        var assembly = AssemblyOf(reader, handle);
        if (Open(assembly) is { } file)
        {
            var other = file.GetMetadataReader();
            foreach (var type in other.TypeDefinitions.Select(other.GetTypeDefinition))
            {
                if (other.FullName(type) == name)
                    return (other, type);
            }
        }
        else if (File.Exists(FileIn(RuntimeEnvironment.GetRuntimeDirectory(), assembly)))
        {
            return null; // .NET itself knows no contracts.
        }

        missing = $"{name}, and there is no {assembly}.dll with that class in its folder";
        return null;
    }

    /// <summary>Of <c>Base&lt;string&gt;</c> the class <c>Base&lt;T&gt;</c>.</summary>
    private static EntityHandle GenericOf(MetadataReader reader, TypeSpecificationHandle handle)
    {
        var signature = reader.GetBlobReader(reader.GetTypeSpecification(handle).Signature);
        if (signature.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
            return default;
        _ = signature.ReadByte(); // That it is a class.
        return signature.ReadTypeHandle();
    }

    private static string AssemblyOf(MetadataReader reader, EntityHandle handle)
    {
        while (handle.Kind == HandleKind.TypeReference)
            handle = reader.GetTypeReference((TypeReferenceHandle)handle).ResolutionScope; // A class within another first names that.
        return handle.Kind == HandleKind.AssemblyReference ? reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)handle).Name) : "";
    }

    private PEReader? Open(string assembly)
    {
        if (_assemblies.TryGetValue(assembly, out var known))
            return known;
        var path = FileIn(PluginLoadContexts.IsShared(assembly) ? AppContext.BaseDirectory : folder, assembly);
        var file = File.Exists(path) && !SpecialFile.IsAt(path) ? new PEReader(File.OpenRead(path)) : null;
        return _assemblies[assembly] = file;
    }

    /// <summary>The file of an assembly; its name, which anybody may have made up, leads to no other folder.</summary>
    private static string FileIn(string folder, string assembly) => Path.Combine(folder, $"{Path.GetFileName(assembly)}.dll");
}
