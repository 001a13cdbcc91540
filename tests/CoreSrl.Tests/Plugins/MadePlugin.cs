using System.Reflection;
using System.Reflection.Emit;
using CoreSrl.Abstractions;

namespace CoreSrl.Tests.Plugins;

/// <summary>A plugin's folder with an assembly of classes that hold nothing but their declarations: what the SDK would lay out, without building it.</summary>
internal sealed class MadePlugin
{
    private readonly PersistedAssemblyBuilder _assembly;
    private readonly ModuleBuilder _module;

    public MadePlugin(string folder, string name)
    {
        Folder = folder;
        Name = name;
        var level = new CustomAttributeBuilder(typeof(AssemblyMetadataAttribute).GetConstructors()[0], [ApiLevel.MetadataKey, $"{ApiLevel.Current}"]);
        _assembly = new(new AssemblyName(name) { Version = new(1, 0, 0, 0) }, typeof(object).Assembly, [level]);
        _module = _assembly.DefineDynamicModule(name);
    }

    public string Folder { get; }

    public string Name { get; }

    public string AssemblyPath => Path.Combine(Folder, $"{Name}.dll");

    /// <summary>Adds a class that is a metadata contributor, with one constructor; each may be told otherwise.</summary>
    /// <param name="type">Its full name.</param>
    /// <param name="attributes">Its names as a plugin, one for each attribute.</param>
    /// <param name="parent">What it is derived from; without one it implements the contract itself.</param>
    /// <param name="shape">Beside public.</param>
    /// <param name="options">What its constructor asks for.</param>
    /// <param name="change">Whatever else is to be done.</param>
    public Type Class(string type, string?[] attributes, Type? parent = null, TypeAttributes shape = default, Type[]? options = null, Action<TypeBuilder>? change = null) =>
        Finish(_module.DefineType(type, TypeAttributes.Public | shape, parent ?? typeof(object)), attributes, implements: parent is null, options ?? [], change);

    /// <summary>Adds one that lies within another.</summary>
    public void Nested(string outer, string type, string attribute)
    {
        var around = _module.DefineType(outer, TypeAttributes.Public);
        Finish(around.DefineNestedType(type, TypeAttributes.NestedPublic), [attribute], implements: true, [], null);
        around.CreateType();
    }

    /// <summary>Writes the folder.</summary>
    public MadePlugin Save()
    {
        Directory.CreateDirectory(Folder);
        _assembly.Save(AssemblyPath);
        File.WriteAllText(Path.Combine(Folder, $"{Name}.deps.json"), """{ "runtimeTarget": { "name": ".NETCoreApp,Version=v10.0" }, "targets": { } }""");
        return this;
    }

    private static Type Finish(TypeBuilder type, string?[] attributes, bool implements, Type[] options, Action<TypeBuilder>? change)
    {
        foreach (var name in attributes)
            type.SetCustomAttribute(new(typeof(PluginAttribute).GetConstructors()[0], [name]));
        change?.Invoke(type);
        Throw(type.DefineConstructor(MethodAttributes.Public, CallingConventions.HasThis, options).GetILGenerator());
        if (implements)
        {
            type.AddInterfaceImplementation(typeof(IMetadataContributor));
            var contribute = typeof(IMetadataContributor).GetMethods().Single();
            Throw(type.DefineMethod(contribute.Name, MethodAttributes.Public | MethodAttributes.Virtual, contribute.ReturnType, [.. contribute.GetParameters().Select(p => p.ParameterType)]).GetILGenerator());
        }

        return type.CreateType();
    }

    private static void Throw(ILGenerator body)
    {
        body.Emit(OpCodes.Ldnull);
        body.Emit(OpCodes.Throw);
    }
}
