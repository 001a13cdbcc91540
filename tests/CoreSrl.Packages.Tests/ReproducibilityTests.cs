using System.Security.Cryptography;
using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.Packages.Tests;

/// <summary>Packages of the same sources.</summary>
[Collection(Feed.Name)]
public sealed class ReproducibilityTests(Feed feed)
{
    private static readonly string[] Packed = ["core/CoreSrl.Abstractions", "core/CoreSrl", "core/CoreSrl.Torch", "core/CoreSrl.Testing", "templates/CoreSrl.Templates"];

    [Fact]
    public async Task The_same_sources_make_the_same_files_wherever_they_lie()
    {
        using var elsewhere = new TemporaryFolder();
        var copy = elsewhere.File("copy");
        // With the commit, which assemblies tell.
        await SourceCopy.RunAsync(Repository.Path, "git", "clone", "--quiet", "--no-checkout", ".", copy);
        await SourceCopy.MakeAsync(copy, Packed);
        File.WriteAllText(Path.Combine(copy, "Packed.slnx"), $"<Solution>{string.Concat(Packed.Select(folder => $"<Project Path=\"{folder}/{Path.GetFileName(folder)}.csproj\" />"))}</Solution>");
        await SourceCopy.RunAsync(copy, "dotnet", "pack", "Packed.slnx", "-c", "Release", "-o", elsewhere.File("packages"), $"-p:PackageVersion={feed.Version}", "-v", "quiet");
        foreach (var package in Directory.GetFiles(elsewhere.File("packages")))
        {
            var (ours, theirs) = (Digests(feed.Open(Path.GetFileName(package))), Digests(Feed.Read(package)));
            Assert.NotEmpty(ours);
            Assert.Equal(ours, theirs);
        }

        Assert.Equal((2 * Packed.Length) - 1, Directory.GetFiles(elsewhere.File("packages")).Length); // Templates have no symbols.
    }

    /// <summary>Of what a package is for; how it is packed has times and a name of its own.</summary>
    private static SortedDictionary<string, string> Digests(Dictionary<string, byte[]> files) => new(
        files.Where(file => file.Key.StartsWith("lib/", StringComparison.Ordinal) || file.Key.StartsWith("content/", StringComparison.Ordinal) || file.Key.StartsWith("build/", StringComparison.Ordinal))
            .ToDictionary(file => file.Key, file => Convert.ToHexString(SHA256.HashData(file.Value))), StringComparer.Ordinal);
}
