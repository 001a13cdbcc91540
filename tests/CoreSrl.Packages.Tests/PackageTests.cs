using System.Reflection.Metadata;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.Packages.Tests.Processes;

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
        Assert.Equal(name == "CoreSrl.Abstractions" ? 0 : 1, ours.Count());
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
    public void A_plugin_is_stamped_by_the_contracts_package() =>
        Assert.Contains("CoreSrl.ApiLevel", Encoding.UTF8.GetString(feed.Open($"CoreSrl.Abstractions.{feed.Version}.nupkg")["build/CoreSrl.Abstractions.props"]), StringComparison.Ordinal);

    [Fact]
    public void The_tool_brings_its_plugins_and_libtorch()
    {
        var files = feed.Open($"srl.{RuntimeInformation.RuntimeIdentifier}.{feed.Version}.nupkg").Keys;
        foreach (var plugin in new[] { "AzureStorage", "ConditionalBest", "CustomMetrics", "Environments", "LocalStorage", "S3Storage", "TorchLora" })
            Assert.Contains(files, file => file.EndsWith($"/plugins/CoreSrl.Plugins.{plugin}/CoreSrl.Plugins.{plugin}.dll", StringComparison.Ordinal));
        Assert.Contains(files, file => Path.GetFileNameWithoutExtension(file) is "libtorch_cpu" or "torch_cpu");
    }

    [Fact]
    public async Task The_same_sources_make_the_same_assembly_wherever_they_lie()
    {
        using var elsewhere = new TemporaryFolder();
        var none = new Dictionary<string, string>();
        var repository = new Command(Repository.Path, none);
        await repository.RunAsync("git", "clone", "--quiet", "--no-checkout", ".", elsewhere.File("copy"));
        var sources = await repository.RunAsync("git", "ls-files", "core/CoreSrl.Abstractions", "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "global.json", ".editorconfig", ".gitignore");
        foreach (var source in sources.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var copy = elsewhere.File(Path.Combine("copy", source));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(Path.Combine(Repository.Path, source), copy);
        }

        await new Command(elsewhere.File("copy"), none).RunAsync("dotnet", "build", "core/CoreSrl.Abstractions", "-c", "Release", "-o", elsewhere.File("built"));
        Assert.Equal(
            Convert.ToHexString(SHA256.HashData(feed.Open($"CoreSrl.Abstractions.{feed.Version}.nupkg")["lib/net10.0/CoreSrl.Abstractions.dll"])),
            Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(elsewhere.File("built/CoreSrl.Abstractions.dll")))));
    }
}
