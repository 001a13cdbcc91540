using System.Diagnostics;
using CoreSrl.Configuration;
using CoreSrl.Plugins;
using CoreSrl.Plugins.Installing;
using CoreSrl.Plugins.Locking;
using CoreSrl.Tests.Storage;

namespace CoreSrl.Tests.Plugins;

/// <summary>A pipe in a plugin's folder, whose reader would wait for ever, is refused by its name.</summary>
public sealed class SpecialFileTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task It_is_not_copied()
    {
        if (OperatingSystem.IsWindows())
            return;
        var source = Made().Folder;
        MakePipe(Path.Combine(source, "pipe"));

        var error = await Assert.ThrowsAsync<ConfigurationException>(() => SoonAsync(() => PluginPackage.LayOut(source, Directory.CreateDirectory(_folder["laid"]).FullName, default)));

        Assert.Equal($"{source}/pipe is a pipe, a socket or a device, and no file. Name the folder that 'dotnet publish' laid out, which holds files.", error.Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_is_not_read_to_be_locked_or_compared(bool isBehindLink)
    {
        if (OperatingSystem.IsWindows())
            return;
        var plugin = Made();
        var pipe = Path.Combine(plugin.Folder, "pipe");
        MakePipe(isBehindLink ? _folder["elsewhere"] : pipe);
        if (isBehindLink)
            File.CreateSymbolicLink(pipe, _folder["elsewhere"]);

        var error = await Assert.ThrowsAsync<IOException>(() => SoonAsync(() => Assert.NotEmpty(LockedPlugin.Of(PluginFolder.Of(plugin.AssemblyPath), new()).Files)));

        Assert.Equal($"{pipe} is a pipe, a socket or a device; a plugin's folder holds files. Remove it.", error.Message);
    }

    [Fact]
    public async Task It_is_no_assembly()
    {
        if (OperatingSystem.IsWindows())
            return;
        var plugin = Made();
        File.Delete(plugin.AssemblyPath);
        MakePipe(plugin.AssemblyPath);

        await SoonAsync(() =>
        {
            Assert.Empty(PluginCatalog.Look(plugin.Folder, out var problem));
            Assert.Equal("Made.dll is a pipe, a socket or a device", problem);
        });
    }

    public void Dispose() => _folder.Dispose();

    private MadePlugin Made()
    {
        var plugin = new MadePlugin(_folder["plugins", "Made"], "Made");
        plugin.Class("Acme.Made", ["made"]);
        return plugin.Save();
    }

    /// <summary>Whoever waits for a pipe does it without an end, and so would the test.</summary>
    private static Task SoonAsync(Action action) => Task.Run(action).WaitAsync(Patience);

    private static void MakePipe(string path)
    {
        using var process = Process.Start("mkfifo", [path]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
