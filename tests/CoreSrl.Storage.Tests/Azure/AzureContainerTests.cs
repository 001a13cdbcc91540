using System.Buffers;
using Azure.Storage.Blobs.Specialized;
using CoreSrl.Abstractions;
using CoreSrl.Plugins.AzureStorage;
using CoreSrl.Storage.Tests.Servers;

namespace CoreSrl.Storage.Tests.Azure;

public sealed class AzureContainerTests
{
    private const int Blocks = 9 << 20; // More than one request takes.

    [AzureFact]
    public async Task A_container_that_does_not_exist_is_an_error()
    {
        using var storage = Container.Open(new AzureStorageOptions { Container = $"none-{Guid.NewGuid():n}", AllowHttp = true });
        foreach (var call in new Func<Task>[]
        {
            () => storage.StatAsync("a", default).AsTask(),
            () => storage.ReadAllAsync("a", default).AsTask(),
            () => storage.WriteAsync("a", new(new byte[1]), WriteCondition.IfAbsent, default).AsTask(),
            () => storage.WriteAsync("a", new(new byte[Blocks]), WriteCondition.Always, default).AsTask(),
            async () => await storage.ListAsync("", default).GetAsyncEnumerator().MoveNextAsync(),
        })
        {
            var error = await Assert.ThrowsAsync<StorageException>(call);
            Assert.Equal(StorageErrorKind.Permanent, error.Kind);
            Assert.Contains("does not exist; create it, choose another, or set \"Create\": true", error.Message, StringComparison.Ordinal);
        }
    }

    [AzureTheory]
    [InlineData(1)]
    [InlineData(Blocks)]
    public async Task A_container_that_may_be_created_is_empty_until_the_first_write_creates_it(int length)
    {
        using var storage = Container.Open(new AzureStorageOptions { Container = $"new-{Guid.NewGuid():n}", AllowHttp = true, Create = true });
        Assert.Null(await storage.StatAsync("a", default));
        Assert.Null(await storage.ReadAllAsync("a", default));
        await storage.DeleteAsync("a", default);
        Assert.False(await storage.ListAsync("", default).GetAsyncEnumerator().MoveNextAsync());
        Assert.False(await storage.ListFoldersAsync("", default).GetAsyncEnumerator().MoveNextAsync());

        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => storage.WriteAsync($"a/{i}", new(new byte[length]), WriteCondition.IfAbsent, default).AsTask()));
        Assert.Equal(length, (await storage.StatAsync("a/7", default))!.Length);
    }

    [AzureFact]
    public async Task The_longest_range_that_memory_can_have_is_asked_for_too()
    {
        using var storage = Container.Open(Container.NewPrefix());
        using var memory = new Nowhere();
        var error = await Assert.ThrowsAsync<StorageException>(() => storage.ReadAsync("missing", 0, memory.Memory, default).AsTask());
        Assert.Equal(StorageErrorKind.NotFound, error.Kind);
    }

    [AzureFact]
    public async Task Blocks_of_an_unfinished_upload_are_seen_by_nobody_and_mix_with_no_others()
    {
        using var storage = Container.Open(Container.NewPrefix());
        await storage.WriteAsync("other", new(new byte[1]), WriteCondition.Always, default);
        await Assert.ThrowsAsync<IOException>(() => storage.WriteFromAsync("a", new FailingSource(3 * (8L << 20)), WriteCondition.Always, default).AsTask());

        Assert.Null(await storage.StatAsync("a", default));
        Assert.Equal(["other"], await storage.ListAsync("", default).Select(info => info.Key).ToListAsync());
        var blob = Container.Client().GetBlockBlobClient(storage.Location.Split('/')[^1] + "/a");
        Assert.NotEmpty((await blob.GetBlockListAsync()).Value.UncommittedBlocks);

        var content = new byte[Blocks];
        new Random(5).NextBytes(content);
        await storage.WriteAsync("a", new(content), WriteCondition.IfAbsent, default);
        var read = new byte[Blocks];
        await storage.ReadAsync("a", 0, read, default);
        Assert.Equal(content, read);
        Assert.Empty((await blob.GetBlockListAsync()).Value.UncommittedBlocks);
    }

    [AzureFact]
    public async Task A_large_object_is_cut_into_blocks_whose_digests_the_server_checks()
    {
        using var storage = Container.Open(Container.NewPrefix());
        await storage.WriteAsync("a", new(new byte[20 << 20]), WriteCondition.Always, default);
        var blob = Container.Client().GetBlockBlobClient(storage.Location.Split('/')[^1] + "/a");
        var blocks = (await blob.GetBlockListAsync()).Value.CommittedBlocks.ToList();
        Assert.Equal([8L << 20, 8L << 20, 4L << 20], blocks.Select(block => block.SizeLong));
        Assert.Equal(3, blocks.Select(block => block.Name).Distinct().Count());
    }

    [AzureFact]
    public async Task Names_of_other_programs_that_no_key_can_have_are_not_listed()
    {
        var prefix = Container.NewPrefix();
        using var storage = Container.Open(prefix);
        await storage.WriteAsync("a/b", new(new byte[1]), WriteCondition.Always, default);
        foreach (var name in new[] { "a//c", "a/c." })
            await Container.Client().GetBlobClient($"{prefix}/{name}").UploadAsync(BinaryData.FromString("x"));
        await Container.Client().GetBlobClient($"{prefix}/folder").UploadAsync(
            BinaryData.FromString(""), new global::Azure.Storage.Blobs.Models.BlobUploadOptions { Metadata = new Dictionary<string, string> { ["hdi_isfolder"] = "true" } });
        Assert.Equal(["a/b"], await storage.ListAsync("", default).Select(info => info.Key).ToListAsync());
    }

    /// <summary>Gives two thirds of its bytes.</summary>
    private sealed class FailingSource(long length) : IByteSource
    {
        public string Name => "failing";

        public long Length => length;

        public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
        {
            if (offset < length * 2 / 3)
                return;
            await Task.Delay(300, cancellationToken); // The blocks before have arrived meanwhile.
            throw new IOException("the source is torn");
        }
    }

    /// <summary>As much memory as there can be in one piece, of which nothing is there until it is touched.</summary>
    private sealed class Nowhere : MemoryManager<byte>
    {
        public override Memory<byte> Memory => CreateMemory(int.MaxValue);

        public override Span<byte> GetSpan() => throw new NotSupportedException();

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
