using CoreSrl.Abstractions;
using CoreSrl.Tests.Fakes;
using static CoreSrl.Tests.Storage.StorageCalls;

namespace CoreSrl.Tests.Storage;

/// <summary>What the contract's members with a body promise, wherever that body comes from.</summary>
public abstract class DerivedCallTests : IDisposable
{
    private protected TemporaryFolder Folder { get; } = new();

    private protected abstract ICheckpointStorage Storage { get; }

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    public async Task An_object_is_read_as_a_whole_with_what_stat_tells(int length)
    {
        var content = Bytes(length);
        await Storage.WriteAsync("a/b", new(content), WriteCondition.Always, default);
        var stored = (await Storage.ReadAllAsync("a/b", default))!;
        Assert.Equal(await Storage.StatAsync("a/b", default), stored.Info);
        Assert.Equal(content, stored.Content.ToArray());
    }

    [Fact]
    public async Task There_is_nothing_to_read_in_a_folder_below_an_object_or_nowhere()
    {
        Assert.Null(await Storage.ReadAllAsync("a", default));
        await Storage.PutAsync("folder/a", "");
        Assert.Null(await Storage.ReadAllAsync("folder", default));
        Assert.Null(await Storage.ReadAllAsync("folder/b", default));
        Assert.Null(await Storage.ReadAllAsync("folder/a/b", default));
        Assert.Null(await Storage.ReadAllAsync("other/a", default));
    }

    [Fact]
    public async Task Facts_and_bytes_are_of_one_version_while_others_write_and_delete()
    {
        var reading = Storage;
        var writing = Task.Run(async () =>
        {
            var storage = Open(Folder.Path);
            for (var i = 0; i < 200; i++)
            {
                await storage.WriteAsync("object", new(Enumerable.Repeat((byte)i, 1000 + i).ToArray()), WriteCondition.Always, default);
                if (i % 10 == 0)
                    await storage.DeleteAsync("object", default);
            }
        });
        while (!writing.IsCompleted)
        {
            if (await reading.ReadAllAsync("object", default) is not { } stored)
                continue;
            Assert.Equal(stored.Info.Length, stored.Content.Length);
            Assert.Equal(-1, stored.Content.Span.IndexOfAnyExcept((byte)(stored.Info.Length - 1000)));
        }

        await writing;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4 << 20)]
    [InlineData((12 << 20) + 1)]
    public async Task A_sources_bytes_become_the_object(int length)
    {
        var content = Bytes(length);
        var written = await Storage.WriteFromAsync("a/b", new TestSource(content), WriteCondition.Always, default);
        Assert.Equal(await Storage.StatAsync("a/b", default), written);
        var stored = (await Storage.ReadAllAsync("a/b", default))!;
        Assert.True(stored.Content.Span.SequenceEqual(content));
    }

    [Fact]
    public async Task A_source_is_written_on_the_same_conditions()
    {
        var first = await Storage.WriteFromAsync("a", new TestSource([1]), WriteCondition.IfAbsent, default);
        await FailsAsync(StorageErrorKind.PreconditionFailed, () => Storage.WriteFromAsync("a", new TestSource([2]), WriteCondition.IfAbsent, default).AsTask());
        var second = await Storage.WriteFromAsync("a", new TestSource([3]), WriteCondition.IfUnchanged(first.ETag), default);
        await FailsAsync(
            StorageErrorKind.PreconditionFailed,
            () => Storage.WriteFromAsync("a", new TestSource([4]), WriteCondition.IfUnchanged(first.ETag), default).AsTask());
        Assert.NotEqual(first.ETag, second.ETag);
        Assert.Equal([3], (await Storage.ReadAllAsync("a", default))!.Content.ToArray());
    }

    public static TheoryData<Exception> SourceFailures =>
    [
        new IOException("the source's disk is gone"),
        new UnauthorizedAccessException("the source is not for you"),
        new StorageException(StorageErrorKind.Transient, "source", "the source's server is busy"),
        new InvalidDataException("the source is damaged"),
    ];

    [Theory]
    [MemberData(nameof(SourceFailures), DisableDiscoveryEnumeration = true)]
    public async Task What_a_source_throws_passes_unchanged_and_nothing_is_written(Exception failure)
    {
        var source = new TestSource(new byte[12 << 20]);
        source.Before = (offset, _) => offset + source.Reads[^1].Count == source.Length ? Task.FromException(failure) : Task.CompletedTask;
        var thrown = await Assert.ThrowsAsync(failure.GetType(), async () => await Storage.WriteFromAsync("a", source, WriteCondition.Always, default));
        Assert.Same(failure, thrown);
        Assert.Empty(await Storage.KeysAsync());
        Assert.DoesNotContain(Directory.EnumerateFiles(Folder.Path), path => path.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_source_that_waits_can_be_cancelled_and_nothing_is_written()
    {
        using var cancelling = new CancellationTokenSource();
        var source = new TestSource(new byte[9])
        {
            Before = (_, token) =>
            {
                cancelling.Cancel();
                return Task.Delay(Timeout.Infinite, token);
            },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Storage.WriteFromAsync("a", source, WriteCondition.Always, cancelling.Token));
        Assert.Empty(await Storage.KeysAsync());
        Assert.DoesNotContain(Directory.EnumerateFiles(Folder.Path), path => path.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Folders_are_listed_in_the_order_of_the_keys_in_them()
    {
        foreach (var key in new[] { "a-b/x", "a/x", "a/y/z", "a.b/x", "a0/x", "B/x", "ä/ö", "ep_100/x", "ep_90/x", "ep_9/x", "object" })
            await Storage.PutAsync(key, "");
        Assert.Equal(["B", "a-b", "a.b", "a", "a0", "ep_100", "ep_9", "ep_90", "ä"], await FoldersAsync(""));
        Assert.Equal(["y"], await FoldersAsync("a/"));
        Assert.Empty(await FoldersAsync("a/y/"));
        Assert.Empty(await FoldersAsync("none/"));
        Assert.Empty(await FoldersAsync("object/"));
    }

    [Fact]
    public async Task Folders_that_no_key_names_are_not_listed()
    {
        await Storage.PutAsync("real/a", "");
        foreach (var name in new[] { ".srl-own", "back\\slash", "new\nline" })
        {
            Directory.CreateDirectory(Folder[name]);
            await File.WriteAllTextAsync(Folder[name, "a"], "");
        }

        Directory.CreateSymbolicLink(Folder["link"], Folder["real"]);
        Assert.Equal(["real"], await FoldersAsync(""));
    }

    [Fact]
    public async Task Before_the_first_write_there_is_nothing_to_read_and_no_folder()
    {
        Folder.Dispose();
        Assert.Null(await Storage.ReadAllAsync("a", default));
        Assert.Empty(await FoldersAsync(""));
        Assert.False(Directory.Exists(Folder.Path));
        Directory.CreateDirectory(Folder.Path);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../a")]
    [InlineData("a//b")]
    [InlineData(".srl-lock")]
    public async Task A_hostile_key_is_refused(string key)
    {
        await FailsAsync(StorageErrorKind.Permanent, async () => await Storage.ReadAllAsync(key, default));
        await FailsAsync(StorageErrorKind.Permanent, async () => await Storage.WriteFromAsync(key, new TestSource([1]), WriteCondition.Always, default));
        await FailsAsync(StorageErrorKind.Permanent, () => FoldersAsync(key + "/"));
        await FailsAsync(StorageErrorKind.Permanent, () => FoldersAsync("a"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Folder.Path));
    }

    private protected async Task<string[]> FoldersAsync(string prefix)
    {
        List<string> names = [];
        await foreach (var name in Storage.ListFoldersAsync(prefix, default))
            names.Add(name);
        return [.. names];
    }

    private protected static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}

/// <summary>The contract's own bodies.</summary>
public sealed class DefaultDerivedCallTests : DerivedCallTests
{
    private protected override ICheckpointStorage Storage => new FiveVerbStorage(Open(Folder.Path));
}

/// <summary>LocalStorage's.</summary>
public sealed class LocalDerivedCallTests : DerivedCallTests
{
    private protected override ICheckpointStorage Storage => Open(Folder.Path);

    [Fact]
    public async Task A_source_is_asked_for_one_piece_after_another()
    {
        var source = new TestSource(new byte[(9 << 20) + 5]);
        await Storage.WriteFromAsync("a", source, WriteCondition.Always, default);
        Assert.Equal([(0, 4 << 20), (4 << 20, 4 << 20), (8 << 20, (1 << 20) + 5)], source.Reads);
    }

    [Fact]
    public async Task An_empty_directory_is_a_folder()
    {
        Directory.CreateDirectory(Folder["empty"]);
        Assert.Equal(["empty"], await FoldersAsync(""));
    }
}
