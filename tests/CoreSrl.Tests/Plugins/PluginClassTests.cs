using System.Reflection;
using CoreSrl.Configuration;
using CoreSrl.Plugins;
using CoreSrl.Plugins.Installing;
using CoreSrl.Tests.Storage;

namespace CoreSrl.Tests.Plugins;

/// <summary>Which classes are plugins, as seen without loading any.</summary>
public sealed class PluginClassTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // Base<string>
    public void A_class_is_a_plugin_by_what_it_is_derived_from_in_another_assembly_of_its_folder(bool isGeneric)
    {
        Assert.Null(Derived(isGeneric, withBase: true, out var plugins));

        Assert.Equal(("derived", PluginContract.Metadata), (Assert.Single(plugins).Name, plugins[0].Contract));
    }

    [Fact]
    public void What_a_class_is_derived_from_is_missed_by_its_name()
    {
        var problem = Derived(isGeneric: false, withBase: false, out var plugins);

        Assert.Empty(plugins);
        Assert.Equal("its class Acme.Derived is derived from Acme.Base, and there is no Base.dll with that class in its folder", problem);
        Assert.Equal(
            $"{_folder["Made"]} is no plugin: {problem}.",
            Assert.Throws<ConfigurationException>(() => PluginCheck.Of(_folder["Made"], _folder["Made"])).Message);
    }

    [Fact]
    public void A_class_of_NET_itself_gives_no_contract_and_is_not_missed()
    {
        var plugin = Made();
        plugin.Class("Acme.Odd", ["odd"], parent: typeof(Exception));
        plugin.Class("Acme.Good", ["good"]);
        plugin.Save();

        Assert.Equal("good", Assert.Single(PluginCatalog.Look(plugin.Folder, out var problem)).Name);
        Assert.Null(problem);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \t")]
    public void A_plugin_needs_a_name(string? name) => Refused(
        plugin => plugin.Class("Acme.Bad", [name]),
        "class Acme.Bad cannot be a plugin: it has no name. Say one in its attribute: [Plugin(\"name\")].");

    [Fact]
    public void A_class_within_another_is_none() => Refused(
        plugin => plugin.Nested("Acme.Outer", "Bad", "bad"),
        "class Acme.Outer.Bad cannot be a plugin: it lies within another. Move it out.");

    [Fact]
    public void A_generic_class_is_none() => Refused(
        plugin => plugin.Class("Acme.Bad`1", ["bad"], change: type => type.DefineGenericParameters("T")),
        "class Acme.Bad`1 cannot be a plugin: it is generic. Derive one from it that is not.");

    [Fact]
    public void An_abstract_class_is_none() => Refused(
        plugin => plugin.Class("Acme.Bad", ["bad"], shape: TypeAttributes.Abstract),
        "class Acme.Bad cannot be a plugin: it is abstract. Mark those that are derived from it.");

    [Fact]
    public void A_class_with_two_constructors_is_none() => Refused(
        plugin => plugin.Class("Acme.Bad", ["bad"], options: [typeof(int)], change: type => type.DefineDefaultConstructor(MethodAttributes.Public)),
        "class Acme.Bad cannot be a plugin: it has 2 public constructors. Give it one.");

    [Fact]
    public void Two_classes_of_one_assembly_cannot_have_one_name()
    {
        var plugin = Made();
        plugin.Class("Acme.One", ["twin"]);
        plugin.Class("Acme.Two", ["Twin"]);
        plugin.Save();

        Assert.Equal(
            $"{plugin.Folder}: 'twin' is the name of 2 plugins in Made.dll, the classes Acme.One, Acme.Two. Give all but one another name.",
            Assert.Throws<ConfigurationException>(() => PluginCheck.Of(plugin.Folder, plugin.Folder)).Message);
        var refusal = "'Twin' is the name of 2 plugins in Made.dll, the classes Acme.Two, Acme.One. Give all but one another name.";
        Assert.Equal([refusal, refusal], RefusalsOf(plugin));
    }

    public void Dispose() => _folder.Dispose();

    private MadePlugin Made() => new(_folder["Made"], "Made");

    /// <summary>Adding it fails with the words with which it is not loaded, once it is there.</summary>
    private void Refused(Action<MadePlugin> define, string problem)
    {
        var plugin = Made();
        define(plugin);
        plugin.Save();

        Assert.Equal($"{plugin.Folder}: {problem}", Assert.Throws<ConfigurationException>(() => PluginCheck.Of(plugin.Folder, plugin.Folder)).Message);
        Assert.Equal($"{plugin.AssemblyPath}: {problem}", RefusalsOf(plugin).Single());
    }

    private List<string?> RefusalsOf(MadePlugin plugin)
    {
        var catalog = PluginCatalog.Discover(MultiModelConfig.Default([$"Plugins:Directories:0={_folder.Path}", "Plugins:AllowWritableByOthers=true"]));
        return [.. catalog.Plugins.Where(found => found.AssemblyPath == plugin.AssemblyPath).Select(catalog.RefusalOf)];
    }

    private string? Derived(bool isGeneric, bool withBase, out IReadOnlyList<PluginDescriptor> plugins)
    {
        var other = new MadePlugin(_folder["Base"], "Base");
        var parent = other.Class("Acme.Base", [], change: type =>
        {
            if (isGeneric)
                type.DefineGenericParameters("T");
        });
        other.Save();
        var plugin = Made();
        plugin.Class("Acme.Derived", ["derived"], parent: isGeneric ? parent.MakeGenericType(typeof(string)) : parent);
        plugin.Save();
        if (withBase)
            File.Copy(other.AssemblyPath, Path.Combine(plugin.Folder, "Base.dll"));
        plugins = PluginCatalog.Look(plugin.Folder, out var problem);
        return problem;
    }
}
