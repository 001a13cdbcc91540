using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins;

/// <summary>Reads from an assembly's metadata which plugins it holds, without loading any of its code.</summary>
internal static class PluginManifest
{
    /// <summary>The plugins of an assembly; none when the file is no .NET assembly.</summary>
    /// <param name="assemblyPath">The assembly, in the plugin's folder.</param>
    /// <param name="problem">Of which class nobody can say whether it is one, and why; null when there is none.</param>
    public static IReadOnlyList<PluginDescriptor> Read(string assemblyPath, out string? problem)
    {
        problem = null;
        using var file = File.OpenRead(assemblyPath);
        using var image = new PEReader(file);
        if (!HasMetadata(image))
            return [];
        var reader = image.GetMetadataReader();
        var apiLevel = ReadApiLevel(reader);
        var version = reader.GetAssemblyDefinition().Version;
        using var bases = new BaseClasses(Path.GetDirectoryName(assemblyPath)!);
        var plugins = new List<PluginDescriptor>();
        foreach (var handle in reader.TypeDefinitions)
        {
            var type = reader.GetTypeDefinition(handle);
            if (FindAttribute(reader, type.GetCustomAttributes(), typeof(PluginAttribute).FullName!) is not { } attribute)
                continue;
            var description = attribute.NamedArguments.FirstOrDefault(a => a.Name == nameof(PluginAttribute.Description)).Value as string;
            var name = (string?)attribute.FixedArguments[0].Value ?? "";
            var contracts = bases.ContractsOf(reader, type, out var missing);
            if (contracts.Count == 0 && missing is not null)
                problem ??= $"its class {reader.FullName(type)} is derived from {missing}";
            plugins.AddRange(contracts.Select(contract => new PluginDescriptor
            {
                Name = name,
                Description = description ?? "",
                Contract = contract,
                TypeName = reader.FullName(type),
                AssemblyPath = assemblyPath,
                ApiLevel = apiLevel,
                Version = version,
                Problem = PluginClass.Problem(reader, type, name),
            }));
        }

        return plugins;
    }

    private static bool HasMetadata(PEReader image)
    {
        try
        {
            return image.HasMetadata;
        }
        catch (BadImageFormatException)
        {
            return false;
        }
    }

    private static int? ReadApiLevel(MetadataReader reader)
    {
        foreach (var handle in reader.GetAssemblyDefinition().GetCustomAttributes())
        {
            var value = Decode(reader, handle, typeof(AssemblyMetadataAttribute).FullName!);
            if (value is { FixedArguments: [{ Value: ApiLevel.MetadataKey }, { Value: string level }] } && int.TryParse(level, out var number))
                return number;
        }

        return null;
    }

    private static CustomAttributeValue<string>? FindAttribute(MetadataReader reader, CustomAttributeHandleCollection handles, string name)
    {
        foreach (var handle in handles)
        {
            if (Decode(reader, handle, name) is { } value)
                return value;
        }

        return null;
    }

    private static CustomAttributeValue<string>? Decode(MetadataReader reader, CustomAttributeHandle handle, string name)
    {
        var attribute = reader.GetCustomAttribute(handle);
        var owner = attribute.Constructor.Kind == HandleKind.MemberReference
            ? reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent
            : reader.GetMethodDefinition((MethodDefinitionHandle)attribute.Constructor).GetDeclaringType();
        return reader.FullName(owner) == name ? attribute.DecodeValue(TypeNames.Instance) : null;
    }

    /// <summary>Names types while an attribute's arguments are decoded; only strings occur in the attributes read here.</summary>
    private sealed class TypeNames : ICustomAttributeTypeProvider<string>
    {
        public static readonly TypeNames Instance = new();

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

        public string GetSystemType() => "System.Type";

        public string GetSZArrayType(string elementType) => elementType + "[]";

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => reader.FullName(handle);

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => reader.FullName(handle);

        public string GetTypeFromSerializedName(string name) => name;

        public PrimitiveTypeCode GetUnderlyingEnumType(string type) => PrimitiveTypeCode.Int32;

        public bool IsSystemType(string type) => type == "System.Type";
    }
}
