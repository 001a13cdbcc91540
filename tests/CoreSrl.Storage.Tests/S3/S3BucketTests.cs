using CoreSrl.Abstractions;
using CoreSrl.Plugins.S3Storage;
using CoreSrl.Storage.Tests.Servers;

namespace CoreSrl.Storage.Tests.S3;

public sealed class S3BucketTests
{
    private const int Parts = PartPlan.SingleLength + 1; // More than one request takes.

    [S3Fact]
    public async Task A_bucket_that_does_not_exist_is_an_error_at_every_call()
    {
        var options = S3Server.NewPlace() with { Bucket = S3Server.NewName(), Create = false };
        foreach (var call in new Func<S3Storage, Task>[]
        {
            storage => storage.StatAsync("a", default).AsTask(),
            storage => storage.ReadAsync("a", 0, new byte[1], default).AsTask(),
            storage => storage.ReadAllAsync("a", default).AsTask(),
            storage => storage.WriteAsync("a", new(new byte[1]), WriteCondition.IfAbsent, default).AsTask(),
            storage => storage.WriteAsync("a", new(new byte[Parts]), WriteCondition.Always, default).AsTask(),
            storage => storage.DeleteAsync("a", default).AsTask(),
            async storage => await storage.ListAsync("", default).GetAsyncEnumerator().MoveNextAsync(),
            async storage => await storage.ListFoldersAsync("", default).GetAsyncEnumerator().MoveNextAsync(),
        })
        {
            using var storage = new S3Storage(options);
            var error = await Assert.ThrowsAsync<StorageException>(() => call(storage));
            Assert.Equal(StorageErrorKind.Permanent, error.Kind);
            Assert.Contains($"the bucket '{options.Bucket}' does not exist; create it, choose another, or set \"Create\": true", error.Message, StringComparison.Ordinal);
        }
    }

    [S3Theory]
    [InlineData(1)]
    [InlineData(Parts)]
    public async Task A_bucket_that_may_be_created_is_empty_until_the_first_write_creates_it(int length)
    {
        var options = S3Server.NewPlace() with { Bucket = S3Server.NewName() };
        using var storage = new S3Storage(options);
        Assert.Null(await storage.StatAsync("a", default));
        Assert.Null(await storage.ReadAllAsync("a", default));
        await storage.DeleteAsync("a", default);
        Assert.False(await storage.ListAsync("", default).GetAsyncEnumerator().MoveNextAsync());
        Assert.False(await storage.ListFoldersAsync("", default).GetAsyncEnumerator().MoveNextAsync());
        using var reader = new S3Storage(options with { Create = false });
        await Assert.ThrowsAsync<StorageException>(() => reader.StatAsync("a", default).AsTask());

        using var second = new S3Storage(options);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i =>
            (i % 2 == 0 ? storage : second).WriteAsync($"a/{i}", new(new byte[length]), WriteCondition.Always, default).AsTask()));
        Assert.Equal(length, (await reader.StatAsync("a/3", default))!.Length);
    }

    [S3Fact]
    public async Task Names_of_other_programs_that_no_key_can_have_are_not_listed()
    {
        var options = S3Server.NewPlace();
        using var storage = new S3Storage(options);
        using var other = S3Server.NewClient();
        await storage.WriteAsync("a/b", new(new byte[1]), WriteCondition.Always, default);
        foreach (var name in new[] { "a/", "a//c", "folder/", "c:/../d" })
            await other.PutObjectAsync(new() { BucketName = options.Bucket, Key = $"{options.Prefix}/{name}", ContentBody = "x", UseChunkEncoding = false });
        Assert.Equal(["a/b"], await storage.ListAsync("", default).Select(info => info.Key).ToListAsync());
        Assert.Equal(["a", "c:", "folder"], await storage.ListFoldersAsync("", default).ToListAsync());
    }
}
