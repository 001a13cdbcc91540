using System.Reflection.Metadata;

namespace CoreSrl.Plugins;

/// <summary>The full names of types in an assembly's metadata, as C# writes them.</summary>
internal static class MetadataNames
{
    public static string FullName(this MetadataReader reader, EntityHandle handle) => handle.Kind switch
    {
        HandleKind.TypeReference => reader.FullName(reader.GetTypeReference((TypeReferenceHandle)handle)),
        HandleKind.TypeDefinition => reader.FullName(reader.GetTypeDefinition((TypeDefinitionHandle)handle)),
        _ => "",
    };

    public static string FullName(this MetadataReader reader, TypeDefinition type) =>
        Join(type.IsNested ? reader.FullName(type.GetDeclaringType()) : reader.GetString(type.Namespace), reader.GetString(type.Name));

    private static string FullName(this MetadataReader reader, TypeReference type) =>
        Join(type.ResolutionScope.Kind == HandleKind.TypeReference ? reader.FullName(type.ResolutionScope) : reader.GetString(type.Namespace), reader.GetString(type.Name));

    private static string Join(string around, string name) => around.Length == 0 ? name : $"{around}.{name}";
}
