using CoreSrl.Abstractions;
using CoreSrl.Plugins.LocalStorage;
using CoreSrl.Tests.Fakes;
using static CoreSrl.Tests.Storage.StorageCalls;

namespace CoreSrl.Tests.Storage;

public sealed class LeftoverTests : IDisposable
{
    private const string OldLeftover = ".srl-4711-0123456789abcdef.tmp";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_killed_process_leftover_is_swept_by_the_first_write()
    {
        using (var writer = await StallingWriter.StartAsync(_folder.Path))
        {
            var file = Assert.Single(Leftovers());
            Assert.StartsWith($".srl-{writer.ProcessId}-", Path.GetFileName(file), StringComparison.Ordinal);
            await writer.KillAsync();
            MakeOld(file);
        }

        await Open(_folder.Path).PutAsync("a", "x");
        Assert.Empty(Leftovers());
    }

    [Fact]
    public async Task A_living_process_file_is_not_swept_however_old_it_looks()
    {
        using var writer = await StallingWriter.StartAsync(_folder.Path);
        var file = Assert.Single(Leftovers());
        MakeOld(file);
        await Open(_folder.Path).PutAsync("a", "x");
        Assert.Equal([file], Leftovers());
    }

    [Fact]
    public async Task A_write_under_way_in_this_process_is_not_swept_and_comes_to_its_end()
    {
        var (begun, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var source = new TestSource([1, 2, 3])
        {
            Before = async (_, _) =>
            {
                begun.SetResult();
                await goOn.Task;
            },
        };
        var writing = Open(_folder.Path).WriteFromAsync("slow", source, WriteCondition.IfAbsent, default);
        await begun.Task;
        MakeOld(Assert.Single(Leftovers()));
        await Open(_folder.Path).PutAsync("a", "x");
        Assert.Single(Leftovers());
        goOn.SetResult();
        await writing;
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(_folder["slow"]));
        Assert.Empty(Leftovers());
    }

    [Fact]
    public async Task A_file_that_may_just_have_been_created_is_not_swept()
    {
        await File.WriteAllTextAsync(_folder[OldLeftover], "half of it");
        File.SetLastWriteTimeUtc(_folder[OldLeftover], DateTime.UtcNow.AddSeconds(-30));
        await Open(_folder.Path).PutAsync("a", "x");
        Assert.Single(Leftovers());
    }

    [Fact]
    public async Task What_is_too_young_at_first_is_swept_a_minute_later()
    {
        await File.WriteAllTextAsync(_folder[OldLeftover], "half of it");
        var clock = new StillClock { Now = DateTimeOffset.UtcNow };
        var leftovers = new Leftovers(_folder.Path, clock);
        leftovers.SweepIfDue();
        clock.Now += TimeSpan.FromSeconds(50);
        leftovers.SweepIfDue();
        Assert.Single(Leftovers());
        clock.Now += TimeSpan.FromSeconds(30);
        leftovers.SweepIfDue();
        Assert.Empty(Leftovers());
    }

    [Fact]
    public async Task Only_the_storages_own_temporary_files_in_the_root_are_swept()
    {
        string[] others = [_folder["other.tmp"], _folder[".srl-note"], _folder["folder", OldLeftover]];
        Directory.CreateDirectory(_folder["folder"]);
        foreach (var path in others.Append(_folder[OldLeftover]))
        {
            await File.WriteAllTextAsync(path, "");
            MakeOld(path);
        }

        await Open(_folder.Path).PutAsync("a", "x");
        Assert.All(others, path => Assert.True(File.Exists(path), path));
        Assert.Empty(Leftovers());
    }

    // A writer that dies between giving an object its name and taking the temporary one away leaves both.
    [Fact]
    public async Task A_leftover_second_name_of_an_object_goes_and_the_object_stays_readable()
    {
        if (OperatingSystem.IsWindows())
            return;
        await Open(_folder.Path).PutAsync("a", "content");
        Posix.Link(_folder["a"], _folder[OldLeftover]);
        MakeOld(_folder["a"]);
        using (File.OpenHandle(_folder["a"], FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
            await Open(_folder.Path).PutAsync("b", "x");
        Assert.Empty(Leftovers());
        Assert.Equal("content", await Open(_folder.Path).GetAsync("a"));
    }

    [Fact]
    public async Task What_cannot_be_swept_stays_and_fails_neither_the_rest_nor_the_write()
    {
        var link = _folder[".srl-0-link.tmp"];
        File.CreateSymbolicLink(link, _folder["nowhere"]);
        await File.WriteAllTextAsync(_folder[OldLeftover], "");
        MakeOld(link);
        MakeOld(_folder[OldLeftover]);
        await Open(_folder.Path).PutAsync("a", "x");
        Assert.Equal([link], Leftovers());
        Assert.Equal("x", await Open(_folder.Path).GetAsync("a"));
    }

    private string[] Leftovers() => Directory.GetFiles(_folder.Path, ".srl-*.tmp");

    private static void MakeOld(string path) => File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(-2));
}
