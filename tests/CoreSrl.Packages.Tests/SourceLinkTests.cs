using System.Reflection.Metadata;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.Packages.Tests;

/// <summary>A debugger finds the sources of a package where they are published.</summary>
public sealed class SourceLinkTests
{
    private const string Project = "core/CoreSrl.Abstractions";

    // https://github.com/dotnet/runtime/blob/main/docs/design/specs/PortablePdb-Metadata.md#source-link-c-and-vb-compilers
    private static readonly Guid SourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    [Fact]
    public async Task Symbols_tell_where_the_sources_are_published()
    {
        using var elsewhere = new TemporaryFolder();
        var copy = elsewhere.File("copy");
        Directory.CreateDirectory(copy);
        await SourceCopy.RunAsync(copy, "git", "init", "--quiet");
        await SourceCopy.RunAsync(copy, "git", "remote", "add", "origin", "https://github.com/acme/x"); // Never asked.
        await SourceCopy.MakeAsync(copy, Project);
        await SourceCopy.RunAsync(copy, "git", "add", ".");
        await SourceCopy.RunAsync(copy, "git", "-c", "user.name=Acme", "-c", "user.email=acme@example.com", "commit", "--quiet", "-m", "All of it");
        var commit = (await SourceCopy.RunAsync(copy, "git", "rev-parse", "HEAD")).Trim();
        await SourceCopy.RunAsync(copy, "dotnet", "pack", Project, "-c", "Release", "-o", elsewhere.File("packages"), "-p:PackageVersion=1.0.0", "-v", "quiet");

        var symbols = Feed.Read(elsewhere.File("packages/CoreSrl.Abstractions.1.0.0.snupkg"))["lib/net10.0/CoreSrl.Abstractions.pdb"];
        using var provider = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(symbols));
        var reader = provider.GetMetadataReader();
        var link = reader.CustomDebugInformation.Select(reader.GetCustomDebugInformation).Single(information => reader.GetGuid(information.Kind) == SourceLink);
        var documents = JsonNode.Parse(reader.GetBlobBytes(link.Value))!["documents"]!.AsObject();
        var (pattern, url) = Assert.Single(documents);
        Assert.Equal($"https://raw.githubusercontent.com/acme/x/{commit}/*", (string?)url);
        var sources = reader.Documents.Select(document => reader.GetString(reader.GetDocument(document).Name)).ToList();
        Assert.Contains($"{pattern.TrimEnd('*')}core/CoreSrl.Abstractions/Storage/ICheckpointStorage.cs", sources);

        var manifest = XDocument.Parse(Encoding.UTF8.GetString(Feed.Read(elsewhere.File("packages/CoreSrl.Abstractions.1.0.0.nupkg"))["CoreSrl.Abstractions.nuspec"]).TrimStart('\uFEFF'));
        var repository = manifest.Descendants().Single(element => element.Name.LocalName == "repository");
        Assert.Equal(("https://github.com/acme/x", commit), ((string?)repository.Attribute("url"), (string?)repository.Attribute("commit")));
    }
}
