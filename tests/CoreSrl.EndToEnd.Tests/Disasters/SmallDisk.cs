using System.Diagnostics;
using System.Runtime.InteropServices;
using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.EndToEnd.Tests.Disasters;

/// <summary>A file system of a test's own, in memory and as small as the test wants it. Only root on Linux can have one.</summary>
internal sealed partial class SmallDisk : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private SmallDisk()
    {
    }

    public string Path => _folder.Path;

    /// <summary>Mounts one; null where that is not allowed.</summary>
    /// <param name="options">Options of tmpfs(5): <c>size=1m,nr_inodes=100</c>.</param>
    public static SmallDisk? TryMount(string options)
    {
        if (!OperatingSystem.IsLinux() || EffectiveUser() != 0)
            return null;
        var disk = new SmallDisk();
        if (Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", disk.Path))
            return disk;
        disk._folder.Dispose();
        return null;
    }

    /// <summary>Changes its options. Refused, and tried again, while somebody has a file open that the new ones forbid.</summary>
    public void Remount(string options)
    {
        for (var attempt = 0; !Run("mount", "-o", $"remount,{options}", Path); attempt++)
            Assert.True(attempt < 1000, $"{Path} cannot be remounted with {options}");
    }

    /// <summary>Leaves no byte free.</summary>
    public void Fill()
    {
        using var file = new FileStream(System.IO.Path.Combine(Path, "filler"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
                file.Write(new byte[4096]);
        }
        catch (IOException)
        {
            // It is full.
        }
    }

    public void Dispose()
    {
        // Lazily where somebody still looks at it: then it goes with the last one.
        if (!Run("umount", Path))
            Run("umount", "-l", Path);
        _folder.Dispose();
    }

    private static bool Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();
}
