using CoreSrl.Abstractions;
using CoreSrl.Plugins.S3Storage;
using CoreSrl.Storage.Tests.Servers;

namespace CoreSrl.Storage.Tests.S3;

public sealed class S3ObjectTests : IDisposable
{
    private static readonly S3StorageOptions Place = S3Server.NewPlace();

    private readonly S3Storage _storage = new(Place);

    public void Dispose() => _storage.Dispose();

    [S3Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(PartPlan.SingleLength)]
    [InlineData(PartPlan.SingleLength + 1)]
    [InlineData((40 << 20) + 7)]
    public async Task An_object_of_any_size_comes_back_as_it_was(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);

        var written = await _storage.WriteAsync("a/b", new(content), WriteCondition.Always, default);

        Assert.Equal(written, await _storage.StatAsync("a/b", default));
        Assert.Equal(length, written.Length);
        var found = new byte[length];
        await _storage.ReadAsync("a/b", 0, found, default);
        Assert.True(found.AsSpan().SequenceEqual(content));
        Assert.True((await _storage.ReadAllAsync("a/b", default))!.Content.Span.SequenceEqual(content));
    }

    [S3Fact]
    public async Task An_object_carries_the_digest_by_which_it_is_checked_when_it_is_read_as_a_whole()
    {
        await _storage.WriteAsync("small", new("right"u8.ToArray()), WriteCondition.Always, default);
        using var other = S3Server.NewClient();
        using var head = await other.GetObjectAsync(Place.Bucket, $"{Place.Prefix}/small");
        var digest = head.Metadata["md5chksum"];
        Assert.Equal("fE8pQHiTwzSmy3qHvwRcDQ==", digest);

        await other.PutObjectAsync(new() { BucketName = Place.Bucket, Key = $"{Place.Prefix}/small", ContentBody = "wrong", UseChunkEncoding = false, Metadata = { ["md5chksum"] = digest } });
        var error = await Assert.ThrowsAsync<StorageException>(() => _storage.ReadAllAsync("small", default).AsTask());
        Assert.Equal(StorageErrorKind.Transient, error.Kind);
    }
}
