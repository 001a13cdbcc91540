using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Checkpoints.Claims;
using CoreSrl.Tests.Fakes;
using CoreSrl.Tests.Storage;

namespace CoreSrl.Tests.Checkpoints.Claims;

/// <summary>Who has a directory, and who has it no more, as seen from the same machine.</summary>
public sealed class HolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly JumpingClock _clock = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_second_manager_is_refused_with_the_holders_host_process_and_age_and_the_first_goes_on_saving()
    {
        using var child = ChildProcess.Start();
        await using var first = await OpenAsync(child.Identity);
        _clock.Advance(TimeSpan.FromMinutes(5));
        var before = await File.ReadAllTextAsync(_folder["claim.json"]);
        var error = await Assert.ThrowsAsync<DirectoryInUseException>(() => OpenAsync());
        Assert.Equal(
            $"{_folder.Path} is in use by process {child.Identity.Process} on host '{Environment.MachineName}', which has held it for 5 min "
            + "(run 'training'). Stop that one first, or choose another directory.",
            error.Message);
        Assert.Equal(before, await File.ReadAllTextAsync(_folder["claim.json"]));

        var save = await first.SaveAsync(1, null, new TestModel(1, new()));
        await save;
        Assert.Equal([save.Id], first.Checkpoints.Select(saved => saved.Id));
    }

    [Fact]
    public async Task A_second_manager_of_one_process_is_refused_too()
    {
        await using var first = await OpenAsync();
        var error = await Assert.ThrowsAsync<DirectoryInUseException>(() => OpenAsync());
        Assert.StartsWith($"{_folder.Path} is in use by this very process, which has held it for less than a second", error.Message, StringComparison.Ordinal);
        await await first.SaveAsync(1, null, new TestModel(1, new()));
    }

    [Fact]
    public async Task Looking_disturbs_nobody_and_writes_nothing()
    {
        await using var first = await OpenAsync();
        await await first.SaveAsync(1, null, new TestModel(1, new()));
        var before = Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).ToDictionary(path => path, File.GetLastWriteTimeUtc);
        await using (var looking = await CheckpointManager.OpenReadOnlyAsync(StorageCalls.Open(_folder.Path)))
        {
            Assert.True((await looking.VerifyAsync(looking.Checkpoints[0].Id)).IsWhole);
            await Assert.ThrowsAsync<InvalidOperationException>(() => looking.SaveAsync(1, null, new TestModel(1, new())));
        }

        Assert.Equal(before, Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).ToDictionary(path => path, File.GetLastWriteTimeUtc));
        await await first.SaveAsync(2, null, new TestModel(1, new()));
    }

    [Fact]
    public async Task A_directory_that_was_given_free_is_taken_at_once()
    {
        using var child = ChildProcess.Start();
        await (await OpenAsync(child.Identity)).DisposeAsync();
        await using var second = await OpenAsync();
    }

    [Fact]
    public async Task A_manager_that_was_disposed_of_twice_gives_nothing_free_of_the_next_ones_and_saves_no_more()
    {
        var first = await OpenAsync();
        await first.DisposeAsync();
        await using var second = await OpenAsync();
        await first.DisposeAsync();
        await Assert.ThrowsAsync<DirectoryInUseException>(() => OpenAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await await first.SaveAsync(1, null, new TestModel(1, new())));
        await await second.SaveAsync(1, null, new TestModel(1, new()));
    }

    [Fact]
    public async Task A_process_that_was_killed_is_replaced_at_once()
    {
        using var child = ChildProcess.Start();
        await OpenAsync(child.Identity);
        await Assert.ThrowsAsync<DirectoryInUseException>(() => OpenAsync());
        await child.KillAsync();
        Assert.Null(await child.StateAsync());
        await using var second = await OpenAsync();
        await await second.SaveAsync(1, null, new TestModel(1, new()));
    }

    [Fact]
    public async Task A_zombie_is_replaced_at_once()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var child = await ChildProcess.StartUncaredForAsync();
        await OpenAsync(child.Identity);
        await Assert.ThrowsAsync<DirectoryInUseException>(() => OpenAsync());
        await child.KillAsync();
        Assert.Equal('Z', await child.StateAsync());
        await using var second = await OpenAsync();
    }

    [Fact]
    public async Task A_process_that_is_stopped_is_alive_and_keeps_the_directory_however_long_it_is_silent()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var child = ChildProcess.Start();
        await OpenAsync(child.Identity);
        await child.StopAsync();
        Assert.Equal('T', await child.StateAsync());
        File.SetLastWriteTimeUtc(_folder["claim.json"], DateTime.UtcNow.AddDays(-1));
        await Assert.ThrowsAsync<DirectoryInUseException>(() => OpenAsync());
    }

    [Fact]
    public async Task A_process_id_that_is_in_use_again_is_another_process()
    {
        using var child = ChildProcess.Start();
        await OpenAsync(child.Identity with { Started = "12345" });
        await using var second = await OpenAsync();
    }

    /// <summary>Opens the directory, as a process of this machine or as this one.</summary>
    private Task<CheckpointManager> OpenAsync(ProcessIdentity? process = null)
    {
        ICheckpointStorage storage = StorageCalls.Open(_folder.Path);
        return CheckpointManager.OpenAsync(process is null ? storage : new AnothersStorage(storage, process), null, new() { Time = _clock });
    }
}
