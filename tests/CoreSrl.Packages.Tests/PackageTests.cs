using System.Reflection.Metadata;
using System.Runtime.InteropServices;
using System.Text;
using System.Xml.Linq;

namespace CoreSrl.Packages.Tests;

/// <summary>What is in the packages.</summary>
[Collection(Feed.Name)]
public sealed class PackageTests(Feed feed)
{
    private static readonly string[] Names = ["CoreSrl.Abstractions", "CoreSrl", "CoreSrl.Torch", "CoreSrl.Testing"];

    public static TheoryData<string> Libraries => [.. Names];

    [Fact]
    public void There_are_six_and_the_tools_package_for_this_system()
    {
        string[] expected =
        [
            .. Names.Select(name => $"{name}.{feed.Version}.nupkg"), .. Names.Select(name => $"{name}.{feed.Version}.snupkg"),
            $"CoreSrl.Templates.{feed.Version}.nupkg", $"srl.{feed.Version}.nupkg", $"srl.{RuntimeInformation.RuntimeIdentifier}.{feed.Version}.nupkg",
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), Directory.GetFiles(feed.Packages).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_library_has_a_readme_documentation_and_dependencies_of_the_same_version(string name)
    {
        var package = feed.Open($"{name}.{feed.Version}.nupkg");
        Assert.StartsWith($"# {name}", Encoding.UTF8.GetString(package["README.md"]));
        var documented = XDocument.Parse(Encoding.UTF8.GetString(package[$"lib/net10.0/{name}.xml"]).TrimStart('\uFEFF')).Descendants("member");
        Assert.NotEmpty(documented);

        var manifest = XDocument.Parse(Encoding.UTF8.GetString(package[$"{name}.nuspec"]).TrimStart('\uFEFF'));
        Assert.Contains(manifest.Descendants(), element => element.Name.LocalName == "description" && element.Value.Length > 30);
        var ours = manifest.Descendants().Where(element => element.Name.LocalName == "dependency" && ((string)element.Attribute("id")!).StartsWith("CoreSrl", StringComparison.Ordinal));
        Assert.All(ours, dependency => Assert.Equal(feed.Version, (string?)dependency.Attribute("version")));
        string[] expected = name switch
        {
            "CoreSrl.Abstractions" => [],
            "CoreSrl.Torch" => ["CoreSrl", "CoreSrl.Abstractions"],
            _ => ["CoreSrl.Abstractions"],
        };
        Assert.Equal(expected, ours.Select(dependency => (string)dependency.Attribute("id")!).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Symbols_name_sources_without_a_machines_paths(string name)
    {
        using var symbols = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(feed.Open($"{name}.{feed.Version}.snupkg")[$"lib/net10.0/{name}.pdb"]));
        var reader = symbols.GetMetadataReader();
        var sources = reader.Documents.Select(handle => reader.GetString(reader.GetDocument(handle).Name)).ToList();
        Assert.NotEmpty(sources);
        Assert.All(sources, source => Assert.StartsWith("/_", source));
    }

    [Fact]
    public void The_templates_and_the_tool_have_their_readme_too()
    {
        foreach (var (package, folder) in new[]
        {
            ("CoreSrl.Templates", "templates/CoreSrl.Templates"), ("srl", "hosts/CoreSrl.Cli"), ($"srl.{RuntimeInformation.RuntimeIdentifier}", "hosts/CoreSrl.Cli"),
        })
        {
            var files = feed.Open($"{package}.{feed.Version}.nupkg");
            Assert.Equal(File.ReadAllText(Path.Combine(Repository.Path, folder, "README.md")), Encoding.UTF8.GetString(files["README.md"]));
            var manifest = XDocument.Parse(Encoding.UTF8.GetString(files[$"{package}.nuspec"]).TrimStart('\uFEFF'));
            Assert.Equal("README.md", manifest.Descendants().Single(element => element.Name.LocalName == "readme").Value);
        }
    }

    [Fact]
    public void A_plugin_is_stamped_by_the_contracts_package() =>
        Assert.Contains("CoreSrl.ApiLevel", Encoding.UTF8.GetString(feed.Open($"CoreSrl.Abstractions.{feed.Version}.nupkg")["build/CoreSrl.Abstractions.props"]), StringComparison.Ordinal);

    [Fact]
    public void The_tool_brings_its_plugins_and_libtorch()
    {
        var files = feed.Open($"srl.{RuntimeInformation.RuntimeIdentifier}.{feed.Version}.nupkg").Keys;
        foreach (var plugin in new[] { "AzureStorage", "ChatModels", "ConditionalBest", "CustomMetrics", "Environments", "LocalStorage", "S3Storage", "TorchLora" })
            Assert.Contains(files, file => file.EndsWith($"/plugins/CoreSrl.Plugins.{plugin}/CoreSrl.Plugins.{plugin}.dll", StringComparison.Ordinal));
        Assert.Contains(files, file => Path.GetFileNameWithoutExtension(file) is "libtorch_cpu" or "torch_cpu");
    }
}
