using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.EndToEnd.Tests.Disasters;

/// <summary>
/// The directory is taken from a running trainer. It stops and says so; what was saved before stays whole, wherever it is now, and when
/// it is back the run goes on.
/// </summary>
public sealed class LostDirectoryTests
{
    private const string Gone = "is gone: the directory was deleted, emptied or moved away while it was in use; if it was moved, move it back.";

    [Fact]
    public async Task A_disk_that_becomes_read_only()
    {
        using var disk = SmallDisk.TryMount("size=32m");
        if (disk is null)
        {
            await A_directory_without_permission();
            return;
        }

        using var run = new DisasterRun(disk.Path, keep: 3);
        using var process = run.Start();
        await process.WaitForAsync("saved run_ep_15_");
        disk.Remount("ro");
        var failed = await process.WaitAsync();
        run.AssertTold(failed, "the file system is read-only; choose another Directory", $"The newest checkpoint is '{run.Checkpoints[^1]}'.");
        await run.AssertWholeAsync();
        disk.Remount("rw");
        await run.CarryOnAsync();
    }

    [Fact]
    public async Task A_directory_without_permission()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var run = new DisasterRun(keep: 3);
        // Root may do everything, unless that is taken from it.
        string[] wrapper = Environment.UserName == "root" && OperatingSystem.IsLinux() ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] : [];
        using var process = run.Start(wrapper);
        await process.WaitForAsync("saved run_ep_15_");
        var mode = File.GetUnixFileMode(run.Directory);
        File.SetUnixFileMode(run.Directory, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            run.AssertTold(
                await process.WaitAsync(), "no permission; run as a user that may, or change the folder's owner or mode", $"The newest checkpoint is '{run.Checkpoints[^1]}'.");
        }
        finally
        {
            File.SetUnixFileMode(run.Directory, mode);
        }

        await run.AssertWholeAsync();
        await run.CarryOnAsync();
    }

    [Fact]
    public async Task A_directory_that_is_deleted()
    {
        using var run = new DisasterRun(keep: 3);
        using var process = run.Start();
        await process.WaitForAsync("saved run_ep_15_");
        for (var gone = false; !gone;)
        {
            try
            {
                Directory.Delete(run.Directory, recursive: true);
                gone = true;
            }
            catch (DirectoryNotFoundException)
            {
                gone = !Directory.Exists(run.Directory); // Or else a file was gone before its turn.
            }
            catch (IOException)
            {
                // Something was written there meanwhile.
            }
        }

        run.AssertTold(await process.WaitAsync(), Gone);
        Assert.Empty(run.Checkpoints);
        await run.CarryOnAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_directory_that_is_moved_away(bool replaced)
    {
        using var elsewhere = new TemporaryFolder();
        using var run = new DisasterRun(on: elsewhere.Path, keep: 3);
        using var process = run.Start();
        await process.WaitForAsync("saved run_ep_15_");
        Directory.Move(run.Directory, elsewhere.File("moved"));
        if (replaced)
            Directory.CreateDirectory(run.Directory);
        run.AssertTold(await process.WaitAsync(), Gone);
        Assert.Empty(run.Checkpoints);

        if (Directory.Exists(run.Directory))
            Directory.Delete(run.Directory, recursive: true);
        Directory.Move(elsewhere.File("moved"), run.Directory);
        await run.AssertWholeAsync();
        await run.CarryOnAsync();
    }
}
