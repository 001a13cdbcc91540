using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins;

/// <summary>Reads from an assembly's metadata which plugins it holds, without loading any of its code.</summary>
internal static class PluginManifest
{
    /// <summary>The plugins of an assembly; none when the file is no .NET assembly.</summary>
    public static IReadOnlyList<PluginDescriptor> Read(string assemblyPath)
    {
        using var file = File.OpenRead(assemblyPath);
        using var image = new PEReader(file);
        if (!HasMetadata(image))
            return [];
        var reader = image.GetMetadataReader();
        var apiLevel = ReadApiLevel(reader);
        var version = reader.GetAssemblyDefinition().Version;
        var plugins = new List<PluginDescriptor>();
        foreach (var handle in reader.TypeDefinitions)
        {
            var type = reader.GetTypeDefinition(handle);
            if (FindAttribute(reader, type.GetCustomAttributes(), typeof(PluginAttribute).FullName!) is not { } attribute)
                continue;
            var description = attribute.NamedArguments.FirstOrDefault(a => a.Name == nameof(PluginAttribute.Description)).Value as string;
            plugins.AddRange(ContractsOf(reader, type).Distinct().Select(contract => new PluginDescriptor
            {
                Name = (string?)attribute.FixedArguments[0].Value ?? "",
                Description = description ?? "",
                Contract = contract,
                TypeName = FullName(reader, type),
                AssemblyPath = assemblyPath,
                ApiLevel = apiLevel,
                Version = version,
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

    private static IEnumerable<PluginContract> ContractsOf(MetadataReader reader, TypeDefinition type)
    {
        foreach (var handle in type.GetInterfaceImplementations())
        {
            if (PluginContracts.OfName(FullName(reader, reader.GetInterfaceImplementation(handle).Interface)) is { } contract)
                yield return contract;
        }

        if (type.BaseType.Kind != HandleKind.TypeDefinition)
            yield break;
        foreach (var contract in ContractsOf(reader, reader.GetTypeDefinition((TypeDefinitionHandle)type.BaseType)))
            yield return contract;
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
        return FullName(reader, owner) == name ? attribute.DecodeValue(TypeNames.Instance) : null;
    }

    private static string FullName(MetadataReader reader, EntityHandle handle) => handle.Kind switch
    {
        HandleKind.TypeReference => FullName(reader, reader.GetTypeReference((TypeReferenceHandle)handle)),
        HandleKind.TypeDefinition => FullName(reader, reader.GetTypeDefinition((TypeDefinitionHandle)handle)),
        _ => "",
    };

    private static string FullName(MetadataReader reader, TypeReference type) =>
        $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}";

    private static string FullName(MetadataReader reader, TypeDefinition type) =>
        $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}";

    /// <summary>Names types while an attribute's arguments are decoded; only strings occur in the attributes read here.</summary>
    private sealed class TypeNames : ICustomAttributeTypeProvider<string>
    {
        public static readonly TypeNames Instance = new();

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

        public string GetSystemType() => "System.Type";

        public string GetSZArrayType(string elementType) => elementType + "[]";

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => FullName(reader, handle);

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => FullName(reader, handle);

        public string GetTypeFromSerializedName(string name) => name;

        public PrimitiveTypeCode GetUnderlyingEnumType(string type) => PrimitiveTypeCode.Int32;

        public bool IsSystemType(string type) => type == "System.Type";
    }
}
