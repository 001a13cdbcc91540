using CoreSrl.Abstractions;
using CoreSrl.Plugins.LocalStorage;
using CoreSrl.Tests.Fakes;
using static CoreSrl.Tests.Storage.StorageCalls;

namespace CoreSrl.Tests.Storage;

public sealed class LocalStorageRefusalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> ImpossibleKeys => new(
        "../a", ".srl-lock", "a/.srl-1-2.tmp", ".SRL-lock", new string('x', 256), "a/" + new string('ä', 128));

    [Theory]
    [MemberData(nameof(ImpossibleKeys))]
    public async Task A_key_that_no_file_or_none_of_others_can_have_is_refused_by_every_call(string key)
    {
        var storage = Open(_folder["root"]);
        foreach (var call in new Func<Task>[]
        {
            () => storage.StatAsync(key, default).AsTask(),
            () => storage.ReadAsync(key, 0, new byte[1], default).AsTask(),
            () => storage.ReadAllAsync(key, default).AsTask(),
            () => storage.PutAsync(key, "x"),
            () => storage.WriteFromAsync(key, new TestSource([1]), WriteCondition.Always, default).AsTask(),
            () => storage.DeleteAsync(key, default).AsTask(),
            () => storage.KeysAsync(key + "/"),
            () => storage.ListFoldersAsync(key + "/", default).ToListAsync().AsTask(),
        })
        {
            var error = await FailsAsync(StorageErrorKind.Permanent, call);
            Assert.Contains("cannot be used: ", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(error.Message, char.IsControl);
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("a b+c=d,e~f'g!h@i#j$k%l^m&n(o)p[q]{r}.txt")]
    [InlineData("...")]
    [InlineData(".hidden/.tmp")]
    [InlineData("日本/🙂")]
    public async Task An_unusual_key_is_a_key(string key)
    {
        var storage = Open(_folder.Path);
        await storage.PutAsync(key, key);
        Assert.Equal(key, await storage.GetAsync(key));
        Assert.Equal([key], await storage.KeysAsync());
    }

    [Fact]
    public async Task A_name_may_have_255_bytes()
    {
        var storage = Open(_folder.Path);
        await storage.PutAsync(new string('x', 255), "x", WriteCondition.IfAbsent);
        Assert.Equal([new string('x', 255)], await storage.KeysAsync());
    }

    [Fact]
    public async Task A_link_out_of_the_root_is_not_followed()
    {
        Directory.CreateDirectory(_folder["outside"]);
        await File.WriteAllTextAsync(_folder["outside", "secret"], "secret");
        Directory.CreateDirectory(_folder["root"]);
        Directory.CreateSymbolicLink(_folder["root", "folder"], _folder["outside"]);
        File.CreateSymbolicLink(_folder["root", "file"], _folder["outside", "secret"]);
        File.CreateSymbolicLink(_folder["root", "dangling"], _folder["outside", "new"]);
        var storage = Open(_folder["root"]);

        foreach (var key in new[] { "folder/secret", "folder/new", "file", "dangling" })
        {
            foreach (var call in new Func<Task>[]
            {
                () => storage.StatAsync(key, default).AsTask(),
                () => storage.ReadAsync(key, 0, new byte[1], default).AsTask(),
                () => storage.PutAsync(key, "x"),
                () => storage.DeleteAsync(key, default).AsTask(),
            })
            {
                var error = await FailsAsync(StorageErrorKind.Permanent, call);
                Assert.Contains("is a symbolic link", error.Message, StringComparison.Ordinal);
            }
        }

        Assert.Empty(await storage.KeysAsync());
        await FailsAsync(StorageErrorKind.Permanent, () => storage.KeysAsync("folder/"));
        Assert.Equal([_folder["outside", "secret"]], Directory.EnumerateFiles(_folder["outside"]));
        Assert.Equal("secret", await File.ReadAllTextAsync(_folder["outside", "secret"]));
    }

    [Fact]
    public async Task The_root_itself_may_be_a_link()
    {
        Directory.CreateDirectory(_folder["real"]);
        Directory.CreateSymbolicLink(_folder["root"], _folder["real"]);
        await Open(_folder["root"]).PutAsync("a", "x");
        Assert.True(File.Exists(_folder["real", "a"]));
    }

    [Fact]
    public async Task A_root_below_a_file_says_what_stands_in_the_way()
    {
        await File.WriteAllTextAsync(_folder["file"], "");
        var storage = Open(_folder["file", "root"]);
        Assert.Empty(await storage.KeysAsync());
        Assert.Null(await storage.StatAsync("a", default));
        var error = await FailsAsync(StorageErrorKind.Permanent, () => storage.PutAsync("a", ""));
        Assert.Contains("a file stands where a folder is needed", error.Message, StringComparison.Ordinal);
        Assert.Contains(_folder["file"], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_root_that_cannot_be_created_is_a_permanent_error()
    {
        if (OperatingSystem.IsLinux())
            await FailsAsync(StorageErrorKind.Permanent, () => Open("/proc/core-srl/root").PutAsync("a", ""));
    }

    [Fact]
    public async Task A_path_that_is_too_long_is_a_permanent_error()
    {
        var key = string.Join('/', Enumerable.Repeat(new string('x', 200), 30));
        var error = await FailsAsync(StorageErrorKind.Permanent, () => Open(_folder.Path).PutAsync(key, ""));
        Assert.Contains("too long", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(28, StorageErrorKind.Permanent, "no space is left; free some")]
    [InlineData(122, StorageErrorKind.Permanent, "no space is left; free some")]
    [InlineData(unchecked((int)0x80131620), StorageErrorKind.Permanent, "no space is left; free some")]
    [InlineData(27, StorageErrorKind.Permanent, "than the file system or a limit (ulimit -f) allows; raise it")]
    [InlineData(30, StorageErrorKind.Permanent, "read-only")]
    [InlineData(13, StorageErrorKind.Permanent, "no permission")]
    [InlineData(18, StorageErrorKind.Permanent, "another file system is mounted inside")]
    [InlineData(4, StorageErrorKind.Transient, "could not do it now")]
    [InlineData(11, StorageErrorKind.Transient, "could not do it now")]
    [InlineData(5, StorageErrorKind.Transient, "could not do it now")]
    public void An_error_number_of_Linux_tells_what_to_do(int errno, StorageErrorKind kind, string advice)
    {
        if (!OperatingSystem.IsLinux())
            return;
        var error = Failure.Translate(new IOException("the system's words", errno), "/root", "ep_1/a", writing: true);
        Assert.Equal(kind, error.Kind);
        Assert.Contains(advice, error.Message, StringComparison.Ordinal);
        Assert.Contains("the system's words", error.Message, StringComparison.Ordinal);
        Assert.Contains("'ep_1/a' in /root", error.Message, StringComparison.Ordinal);
    }
}
