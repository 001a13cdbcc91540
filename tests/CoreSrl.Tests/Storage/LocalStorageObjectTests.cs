using CoreSrl.Abstractions;
using static CoreSrl.Tests.Storage.StorageCalls;
using LocalStoragePlugin = CoreSrl.Plugins.LocalStorage.LocalStorage;

namespace CoreSrl.Tests.Storage;

public sealed class LocalStorageObjectTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LocalStoragePlugin _storage;

    public LocalStorageObjectTests() => _storage = Open(_folder["root"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_object_is_a_file_of_its_keys_name()
    {
        var written = await _storage.PutAsync("ep_1/metadata.json", "{}");
        Assert.Equal("{}", await File.ReadAllTextAsync(_folder["root", "ep_1", "metadata.json"]));
        Assert.Equal(("ep_1/metadata.json", 2L), (written.Key, written.Length));
        Assert.Equal(written, await _storage.StatAsync("ep_1/metadata.json", default));
        Assert.InRange(written.Modified, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow);
    }

    [Fact]
    public async Task Until_the_first_write_nothing_is_created()
    {
        Assert.Empty(await _storage.KeysAsync());
        Assert.Empty(await _storage.ListFoldersAsync("", default).ToListAsync());
        Assert.Null(await _storage.StatAsync("a/b", default));
        Assert.Null(await _storage.ReadAllAsync("a/b", default));
        await _storage.DeleteAsync("a/b", default);
        await FailsAsync(StorageErrorKind.NotFound, () => _storage.ReadAsync("a/b", 0, new byte[1], default).AsTask());
        Assert.False(Directory.Exists(_folder["root"]));
    }

    [Fact]
    public void The_folder_is_the_contexts_unless_the_options_name_another()
    {
        Assert.Equal(_folder["a"], new LocalStoragePlugin(new(), new(_folder["a"] + "/")).Location);
        Assert.Equal(_folder["b"], new LocalStoragePlugin(new() { Directory = _folder["b"] }, new(_folder["a"])).Location);
        Assert.True(_storage.Capabilities.IsLocal);
    }

    [Fact]
    public async Task A_program_without_a_configuration_names_the_folder_alone()
    {
        var storage = LocalStoragePlugin.In(_folder["a"]);
        Assert.Equal(_folder["a"], storage.Location);
        await storage.PutAsync("b", "text");
        Assert.Equal("text", await File.ReadAllTextAsync(_folder["a", "b"]));
        Assert.Equal(Path.GetFullPath("relative"), LocalStoragePlugin.In("relative").Location);
        Assert.Throws<ArgumentNullException>(() => LocalStoragePlugin.In(null!));
        Assert.Throws<ArgumentException>(() => LocalStoragePlugin.In(""));
    }

    // Writes 2.1 GB: seconds on a quiet machine. "Category!=Large" leaves it out.
    [Fact]
    [Trait("Category", "Large")]
    public async Task An_object_may_be_larger_than_two_gigabytes()
    {
        var piece = new byte[64 << 20];
        piece[0] = 7;
        var content = Sequence([.. Enumerable.Repeat<ReadOnlyMemory<byte>>(piece, 33), new byte[] { 9 }]);
        await _storage.WriteAsync("large", content, WriteCondition.Always, default);
        var last = new byte[2];
        await _storage.ReadAsync("large", 33L * piece.Length - 1, last, default);
        Assert.Equal(new byte[] { 0, 9 }, last);
        await _storage.ReadAsync("large", 32L * piece.Length, last, default);
        Assert.Equal(new byte[] { 7, 0 }, last);
    }

    [Fact]
    public async Task A_range_beyond_the_end_is_told_with_both_lengths_and_the_file()
    {
        await _storage.PutAsync("digits", "0123456789");
        var range = new byte[4];
        var error = await FailsAsync(StorageErrorKind.Permanent, () => _storage.ReadAsync("digits", 7, range, default).AsTask());
        Assert.Equal($"'digits' ends at byte 10: 4 bytes from byte 7 on reach beyond it ({_folder["root", "digits"]}).", error.Message);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _storage.ReadAsync("digits", -1, range, default).AsTask());
    }

    [Fact]
    public async Task A_listing_goes_on_when_objects_and_folders_vanish_meanwhile()
    {
        foreach (var key in new[] { "a/1", "a/2", "b/1", "c" })
            await _storage.PutAsync(key, key);
        List<string> seen = [];
        await foreach (var info in _storage.ListAsync("", default))
        {
            seen.Add(info.Key);
            await _storage.DeleteAsync("a/2", default);
            await _storage.DeleteAsync("b/1", default);
        }

        Assert.Equal(["a/1", "c"], seen);
    }

    [Fact]
    public async Task A_dead_writers_temporary_file_is_no_object()
    {
        await _storage.PutAsync("a", "a");
        await File.WriteAllTextAsync(_folder["root", ".srl-4711-0123456789abcdef.tmp"], "half of it");
        Assert.Equal(["a"], await _storage.KeysAsync());
        await FailsAsync(StorageErrorKind.Permanent, async () => await _storage.StatAsync(".srl-4711-0123456789abcdef.tmp", default));
        await FailsAsync(StorageErrorKind.Permanent, () => _storage.PutAsync("a/.SRL-x", ""));
    }

    [Fact]
    public async Task Deleting_removes_the_folders_left_empty_and_nothing_else()
    {
        await _storage.PutAsync("a/b/c", "");
        await _storage.PutAsync("a/d", "");
        await _storage.DeleteAsync("a/b/c", default);
        Assert.False(Directory.Exists(_folder["root", "a", "b"]));
        Assert.Equal(["a/d"], await _storage.KeysAsync());
        await _storage.DeleteAsync("a/d", default);
        await _storage.DeleteAsync("a/d", default);
        Assert.Empty(await _storage.KeysAsync());
        Assert.True(Directory.Exists(_folder["root"]));
        Assert.False(Directory.Exists(_folder["root", "a"]));
    }

    [Fact]
    public async Task Directories_that_no_key_names_are_no_folders_and_an_empty_one_is()
    {
        await _storage.PutAsync("real/a", "");
        foreach (var name in new[] { ".srl-own", "back\\slash", "new\nline" })
        {
            Directory.CreateDirectory(_folder["root", name]);
            await File.WriteAllTextAsync(_folder["root", name, "a"], "");
        }

        Directory.CreateSymbolicLink(_folder["root", "link"], _folder["root", "real"]);
        Directory.CreateDirectory(_folder["root", "empty"]);
        Assert.Equal(["empty", "real"], await _storage.ListFoldersAsync("", default).ToListAsync());
    }

    [Fact]
    public async Task A_folder_is_no_object()
    {
        await _storage.PutAsync("a/b", "");
        Assert.Null(await _storage.StatAsync("a", default));
        Assert.Null(await _storage.ReadAllAsync("a", default));
        await _storage.DeleteAsync("a", default);
        Assert.Equal(["a/b"], await _storage.KeysAsync());
        await FailsAsync(StorageErrorKind.Permanent, () => _storage.PutAsync("a", ""));
        await FailsAsync(StorageErrorKind.Permanent, () => _storage.PutAsync("a", "", WriteCondition.IfAbsent));
    }

    [Fact]
    public async Task Below_an_object_there_is_nothing()
    {
        await _storage.PutAsync("a", "");
        Assert.Null(await _storage.StatAsync("a/b", default));
        await _storage.DeleteAsync("a/b", default);
        await FailsAsync(StorageErrorKind.NotFound, () => _storage.ReadAsync("a/b", 0, new byte[1], default).AsTask());
        var error = await FailsAsync(StorageErrorKind.Permanent, () => _storage.PutAsync("a/b/c", ""));
        Assert.Contains("a file stands where a folder is needed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_write_leaves_nothing_behind()
    {
        await _storage.PutAsync("other", "");
        using var source = new CancellationTokenSource();
        var content = Sequence(new byte[9], new CancellingMemory(source, 1 << 20).Memory, new byte[9]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _storage.WriteAsync("a/b", content, WriteCondition.Always, source.Token).AsTask());
        Assert.Equal(["other"], await _storage.KeysAsync());
        Assert.Equal([".srl-lock", "other"], Directory.EnumerateFileSystemEntries(_folder["root"]).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_refused_write_leaves_nothing_behind()
    {
        await _storage.PutAsync("a", "old");
        await FailsAsync(StorageErrorKind.PreconditionFailed, () => _storage.PutAsync("a", "new", WriteCondition.IfAbsent));
        await FailsAsync(StorageErrorKind.Permanent, () => _storage.PutAsync("a/b", "new"));
        Assert.Equal([".srl-lock", "a"], Directory.EnumerateFileSystemEntries(_folder["root"]).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Writers_and_deleters_of_one_folder_do_not_disturb_each_other()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                await _storage.PutAsync($"shared/{writer}", "x");
                await _storage.DeleteAsync($"shared/{writer}", default);
            }
        })));
        Assert.Empty(await _storage.KeysAsync());
    }

    /// <summary>Memory that cancels a token when its content is asked for: in the middle of a write.</summary>
    private sealed class CancellingMemory(CancellationTokenSource source, int length) : System.Buffers.MemoryManager<byte>
    {
        private readonly byte[] _bytes = new byte[length];

        public override Span<byte> GetSpan()
        {
            source.Cancel();
            return _bytes;
        }

        public override Memory<byte> Memory => CreateMemory(_bytes.Length);

        public override System.Buffers.MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
