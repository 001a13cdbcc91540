using System.IO.Compression;
using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.Packages.Tests.Processes;

namespace CoreSrl.Packages.Tests;

/// <summary>All packages, packed once into a folder, and a place outside the repository where a stranger has them at hand.</summary>
public sealed class Feed : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>The name by which test classes share one.</summary>
    public const string Name = "feed";

    /// <summary>Unlike any that a machine may already hold.</summary>
    public string Version { get; } = $"0.1.0-test.{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}";

    /// <summary>The packages.</summary>
    public string Packages => _folder.File("packages");

    /// <summary>Where a stranger works.</summary>
    public string Desk => _folder.File("desk");

    /// <summary>The stranger's variables: a home and tools of their own.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["DOTNET_CLI_HOME"] = _folder.File("home"),
        ["PATH"] = $"{_folder.File("tools")}{Path.PathSeparator}{System.Environment.GetEnvironmentVariable("PATH")}",
    };

    public async Task InitializeAsync()
    {
        var repository = new Command(Repository.Path, new Dictionary<string, string>());
        await repository.RunAsync("dotnet", "pack", "CoreSrl.sln", "-c", Repository.Configuration, "-o", Packages, $"-p:PackageVersion={Version}", "-v", "quiet");
        Directory.CreateDirectory(Desk);
        // Packages that the machine has are read where they are; what is new goes into a folder that is gone after the tests.
        File.WriteAllText(Path.Combine(Desk, "nuget.config"), $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{_folder.File("cache")}" /></config>
              <fallbackPackageFolders><add key="machine" value="{MachinePackages}" /></fallbackPackageFolders>
              <packageSources><add key="feed" value="{Packages}" /></packageSources>
            </configuration>
            """);
        var desk = new Command(Desk, Environment);
        await desk.RunAsync("dotnet", "new", "install", $"CoreSrl.Templates@{Version}");
        await desk.RunAsync("dotnet", "tool", "install", "srl", "--version", Version, "--tool-path", _folder.File("tools"));
    }

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>The entries of a package by their names.</summary>
    internal Dictionary<string, byte[]> Open(string file) => Read(Path.Combine(Packages, file));

    /// <summary>Those of a package that lies elsewhere.</summary>
    internal static Dictionary<string, byte[]> Read(string package)
    {
        using var archive = ZipFile.OpenRead(package);
        return archive.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using var content = new MemoryStream();
            using var stream = entry.Open();
            stream.CopyTo(content);
            return content.ToArray();
        });
    }

    private static string MachinePackages => System.Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } folder
        ? folder
        : Path.Combine(System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile), ".nuget", "packages");
}

/// <summary>Test classes that share the packages.</summary>
[CollectionDefinition(Feed.Name)]
public sealed class FeedUsers : ICollectionFixture<Feed>;
