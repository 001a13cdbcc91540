using System.IO.Compression;
using CoreSrl.Configuration;
using CoreSrl.Plugins.Installing;
using CoreSrl.Tests.Storage;

namespace CoreSrl.Tests.Plugins;

/// <summary>What a package may hold, and what is laid out of it.</summary>
public sealed class PluginPackageTests : IDisposable
{
    private const int LinkMode = 0xA1FF;

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("../evil.dll")]
    [InlineData("tools/net10.0/any/../../../../evil.dll")]
    [InlineData("tools/net10.0/any/%2e%2e/evil.dll")]
    [InlineData("/evil.dll")]
    [InlineData("tools/net10.0/any//evil.dll")]
    [InlineData("C:/evil.dll")]
    [InlineData("tools\\..\\..\\evil.dll")]
    public void A_name_that_leads_out_of_the_folder_is_refused(string name)
    {
        var package = Package("tools/net10.0/any/Foo.deps.json", name);

        var error = Assert.Throws<ConfigurationException>(() => LayOut(package));

        Assert.Equal($"{package}: '{name}' would lie outside the plugin's folder. Nothing was installed; do not trust this package.", error.Message);
        Assert.Empty(Laid());
    }

    [Theory]
    [InlineData("tools/net10.0/any/Foo.dll", "tools/net10.0/any/Foo.dll")]
    [InlineData("tools/net10.0/any/Foo.dll", "tools/net10.0/any/foo.DLL")]
    [InlineData("tools/net10.0/any/Foo.dll/x.txt", "tools/net10.0/any/Foo.dll")]
    [InlineData("tools/net10.0/any/Foo.dll", "tools/net10.0/any/Foo.dll/x.txt")]
    public void Two_files_of_one_name_are_refused(string one, string other)
    {
        var package = Package("tools/net10.0/any/Foo.deps.json", one, other);

        var error = Assert.Throws<ConfigurationException>(() => LayOut(package));

        Assert.Matches($"^{package}: 'tools/net10.0/any/[fF]oo.(dll|DLL)' is in it twice. Nothing was installed; pack it again.$", error.Message);
        Assert.Empty(Laid());
    }

    [Fact]
    public void A_name_that_no_file_can_have_is_refused()
    {
        var package = Package("tools/net10.0/any/Foo.deps.json", "tools/net10.0/any/a%00b.dll");

        var error = Assert.Throws<ConfigurationException>(() => LayOut(package));

        Assert.Equal($"{package}: 'tools/net10.0/any/a%00b.dll' is no name for a file. Nothing was installed; do not trust this package.", error.Message);
    }

    [Fact]
    public void A_link_is_refused()
    {
        var package = Package("tools/net10.0/any/Foo.deps.json");
        using (var archive = ZipFile.Open(package, ZipArchiveMode.Update))
            archive.CreateEntry("tools/net10.0/any/libevil.so").ExternalAttributes = LinkMode << 16;

        var error = Assert.Throws<ConfigurationException>(() => LayOut(package));

        Assert.Contains("'tools/net10.0/any/libevil.so' is a link", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_files_of_the_newest_framework_that_is_not_newer_than_the_program_are_taken()
    {
        LayOut(Package("tools/net8.0/any/Foo.deps.json", "tools/net10.0/any/Foo.deps.json", "tools/net10.0/any/runtimes/a%2Bb/x.so", "tools/net99.0/any/Foo.deps.json", "Foo.nuspec"));

        Assert.Equal(["Foo.deps.json", "runtimes/a+b/x.so"], Laid());
        Assert.Equal("tools/net10.0/any/Foo.deps.json", File.ReadAllText(_folder["laid", "Foo.deps.json"]));
    }

    [Theory]
    [InlineData("lib/net10.0/Foo.dll")]
    [InlineData("tools/net99.0/any/Foo.deps.json")]
    [InlineData("tools/netstandard2.0/any/Foo.deps.json")]
    [InlineData("tools/net10.0/linux-x64/Foo.deps.json")]
    public void A_package_without_a_plugin_for_this_program_says_what_it_lacks(string name)
    {
        var error = Assert.Throws<ConfigurationException>(() => LayOut(Package(name)));

        Assert.Contains("holds no plugin for .NET 10: that would be a folder tools/net10.0/any/ with a .deps.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_package_that_broke_off_cannot_be_read()
    {
        var package = Package("tools/net10.0/any/Foo.deps.json");
        File.WriteAllBytes(package, File.ReadAllBytes(package)[..40]);

        Assert.Contains("cannot be read as a package", Assert.Throws<ConfigurationException>(() => LayOut(package)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A package whose files hold their own names.</summary>
    private string Package(params string[] names)
    {
        using var archive = ZipFile.Open(_folder["foo.nupkg"], ZipArchiveMode.Create);
        foreach (var name in names)
        {
            using var writer = new StreamWriter(archive.CreateEntry(name).Open());
            writer.Write(name);
        }

        return _folder["foo.nupkg"];
    }

    private void LayOut(string package) => PluginPackage.LayOut(package, Directory.CreateDirectory(_folder["laid"]).FullName, default);

    private IEnumerable<string> Laid() => Directory.EnumerateFiles(_folder["laid"], "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(_folder["laid"], file).Replace('\\', '/')).Order(StringComparer.Ordinal);
}
