using CoreSrl.Abstractions;
using CoreSrl.Plugins.LocalStorage;

namespace CoreSrl.EndToEnd.Tests.Disasters;

/// <summary>
/// Space runs out under a running trainer. It stops and says so; what was saved before stays whole, what was being saved leaves nothing
/// behind, and with more space the run goes on.
/// </summary>
/// <remarks>On a small disk where one can be mounted; elsewhere files larger than a few blocks are forbidden.</remarks>
public sealed class FullDiskTests
{
    [Fact]
    public async Task A_disk_that_is_full()
    {
        using var disk = SmallDisk.TryMount("size=1200k");
        if (disk is null)
        {
            await A_limit_on_the_size_of_files();
            return;
        }

        using var run = new DisasterRun(disk.Path);
        var failed = await run.TrainAsync();
        run.AssertTold(failed, "no space is left; free some, or choose another Directory", $"The newest checkpoint is '{run.Checkpoints[^1]}'.");
        await run.AssertWholeAsync();
        run.AssertNothingHalf();

        disk.Fill();
        var refused = await run.TrainAsync();
        Assert.Equal(2, refused.ExitCode);
        Assert.StartsWith($"srl: Checkpoints:Directory: {run.Directory} cannot be written: ", Assert.Single(refused.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.Contains("no space is left", refused.Error, StringComparison.Ordinal);

        disk.Remount("size=32m");
        await run.CarryOnAsync();
    }

    [Fact]
    public async Task A_quota_on_the_number_of_files()
    {
        using var disk = SmallDisk.TryMount("size=32m,nr_inodes=50");
        if (disk is null)
        {
            await A_limit_on_the_size_of_files();
            return;
        }

        using var run = new DisasterRun(disk.Path);
        var failed = await run.TrainAsync();
        run.AssertTold(failed, "no space is left; free some, or choose another Directory", $"The newest checkpoint is '{run.Checkpoints[^1]}'.");
        await run.AssertWholeAsync();
        run.AssertNothingHalf();

        disk.Remount("size=32m,nr_inodes=1000");
        await run.CarryOnAsync();
    }

    [Fact]
    public async Task A_folder_that_was_made_in_vain_takes_no_files_place()
    {
        using var disk = SmallDisk.TryMount("nr_inodes=2");
        if (disk is null)
            return; // Files run out nowhere else; what holds there is the same.
        var written = false;
        for (var files = 3; !written; files++)
        {
            disk.Remount($"nr_inodes={files}");
            try
            {
                await LocalStorage.In(disk.Path).WriteAsync("a/b/c", new("content"u8.ToArray()), WriteCondition.IfAbsent, default);
                written = true;
            }
            catch (StorageException e)
            {
                Assert.Contains("no space is left", e.Message, StringComparison.Ordinal);
                Assert.Empty(Directory.GetDirectories(disk.Path));
            }

            Assert.True(files < 20);
        }
    }

    [Fact]
    public async Task A_limit_on_the_size_of_files()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var run = new DisasterRun();
        await run.CarryOnAsync();

        // Of 512 bytes each, or 1024: a checkpoint's small files fit in, its tensors do not. The runtime's own memory would be a file, too.
        using var limited = run.Start("sh", "-c", "ulimit -f 40; export DOTNET_EnableWriteXorExecute=0; exec \"$@\"", "sh");
        var failed = await limited.WaitAsync();
        run.AssertTold(failed, "the file would be larger than the file system or a limit (ulimit -f) allows; raise it, or choose another Directory", $"The newest checkpoint is '{run.Checkpoints[^1]}'.");
        await run.AssertWholeAsync();
        run.AssertNothingHalf();
        await run.CarryOnAsync();
    }
}
