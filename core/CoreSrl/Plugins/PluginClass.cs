using System.Reflection;
using System.Reflection.Metadata;

namespace CoreSrl.Plugins;

/// <summary>Whether a class with the attribute <c>[Plugin]</c> can be a plugin, as its declaration says.</summary>
internal static class PluginClass
{
    /// <summary>Why it cannot, with what to do about it; null when it can.</summary>
    /// <param name="reader">Its assembly.</param>
    /// <param name="type">The class.</param>
    /// <param name="name">The name that its attribute gives it.</param>
    public static string? Problem(MetadataReader reader, TypeDefinition type, string name)
    {
        var constructors = type.GetMethods().Select(reader.GetMethodDefinition)
            .Count(method => (method.Attributes & MethodAttributes.MemberAccessMask) == MethodAttributes.Public && reader.GetString(method.Name) == ConstructorInfo.ConstructorName);
        var problem = string.IsNullOrWhiteSpace(name) ? "it has no name. Say one in its attribute: [Plugin(\"name\")]"
            : type.IsNested ? "it lies within another. Move it out"
            : type.GetGenericParameters().Count > 0 ? "it is generic. Derive one from it that is not"
            : type.Attributes.HasFlag(TypeAttributes.Abstract) ? "it is abstract. Mark those that are derived from it"
            : constructors != 1 ? $"it has {constructors} public constructors. Give it one"
            : null;
        return problem is null ? null : $"class {reader.FullName(type)} cannot be a plugin: {problem}.";
    }
}
