using System.Diagnostics;
using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.EndToEnd.Tests.Plugins;

/// <summary>A test plugin, packed as its author would: <c>dotnet pack</c>.</summary>
public sealed class PackedPlugin : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>The plugin with a native library.</summary>
    public string Package => Directory.GetFiles(_folder.Path, "*.nupkg").Single();

    public async Task InitializeAsync()
    {
        // The repository's own packages have readmes and symbols, and nothing else of it is one.
        string[] asAnAuthor = ["-p:IsPackable=true", "-p:PackageReadmeFile=", "-p:IncludeSymbols=false"];
        var project = Path.Combine(Srl.Metadata("TestPluginsPath"), "WithNative", "WithNative.csproj");
        using var pack = Process.Start(new ProcessStartInfo("dotnet", ["pack", project, "--no-build", "-c", Srl.Metadata("BuildConfiguration"), "-o", _folder.Path, "-nodeReuse:false", .. asAnAuthor])
        {
            RedirectStandardOutput = true,
        })!;
        var said = await pack.StandardOutput.ReadToEndAsync();
        await pack.WaitForExitAsync();
        Assert.True(pack.ExitCode == 0, said);
        Assert.DoesNotContain("warning", said, StringComparison.Ordinal);
    }

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }
}
