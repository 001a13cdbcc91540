using System.Runtime.InteropServices;
using Amazon.S3.Model;
using CoreSrl.Abstractions;
using CoreSrl.Plugins.S3Storage;
using CoreSrl.Storage.Tests.Servers;

namespace CoreSrl.Storage.Tests.S3;

public sealed class S3UploadTests : IDisposable
{
    private readonly S3StorageOptions _options = S3Server.NewPlace();
    private readonly Amazon.S3.AmazonS3Client _other = S3Server.NewClient();
    private readonly S3Storage _storage;

    public S3UploadTests() => _storage = new(_options);

    public void Dispose()
    {
        _storage.Dispose();
        _other.Dispose();
    }

    [S3Fact]
    public async Task A_large_object_goes_in_parts()
    {
        var written = await _storage.WriteAsync("a", new(new byte[20 << 20]), WriteCondition.Always, default);
        Assert.EndsWith("-3", written.ETag, StringComparison.Ordinal);
    }

    [S3Fact]
    public async Task An_upload_whose_source_fails_leaves_nothing_and_the_unfinished_uploads_of_others_stay()
    {
        await _storage.WriteAsync("first", new(new byte[1]), WriteCondition.Always, default);
        var begun = await _other.InitiateMultipartUploadAsync(new() { BucketName = _options.Bucket, Key = $"{_options.Prefix}/a" });

        var error = await Assert.ThrowsAsync<IOException>(() => _storage.WriteFromAsync("a", new FailingSource(40 << 20), WriteCondition.Always, default).AsTask());

        Assert.Equal("the source is torn", error.Message);
        Assert.Null(await _storage.StatAsync("a", default));
        Assert.Equal([begun.UploadId], await UnfinishedAsync());
    }

    [S3Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_cancelled_upload_leaves_nothing_behind(int seed)
    {
        var content = new byte[40 << 20];
        var random = new Random(seed);
        await _storage.WriteAsync("first", new(new byte[1]), WriteCondition.Always, default);
        for (var i = 0; i < 5; i++)
        {
            using var cancelling = new CancellationTokenSource(random.Next(100));
            try
            {
                await _storage.WriteAsync("a", new(content), WriteCondition.Always, cancelling.Token);
            }
            catch (OperationCanceledException) when (cancelling.IsCancellationRequested)
            {
            }
        }

        for (var attempt = 0; attempt < 100 && (await UnfinishedAsync()).Count > 0; attempt++)
            await Task.Delay(100); // One that was cancelled at its very beginning is aborted behind the caller's back.
        Assert.Empty(await UnfinishedAsync());
    }

    [S3Theory]
    [InlineData(0)]
    [InlineData(PartPlan.SingleLength)]
    [InlineData(PartPlan.SingleLength + 1)]
    public async Task A_source_may_be_written_with_a_condition(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        await _storage.WriteFromAsync("a", new MemorySource(content), WriteCondition.IfAbsent, default);

        var error = await Assert.ThrowsAsync<StorageException>(() => _storage.WriteFromAsync("a", new MemorySource(content), WriteCondition.IfAbsent, default).AsTask());

        Assert.Equal(StorageErrorKind.PreconditionFailed, error.Kind);
        Assert.True((await _storage.ReadAllAsync("a", default))!.Content.Span.SequenceEqual(content));
    }

    [S3Fact]
    public async Task Of_a_source_as_many_parts_lie_in_memory_as_are_on_their_way()
    {
        using var storage = new S3Storage(_options with { Parallelism = 2 });
        var source = new CountingSource(200 << 20);
        await storage.WriteFromAsync("a", source, WriteCondition.Always, default);
        Assert.True(source.Steps.SequenceEqual(source.Steps.Order()), "It is read forward.");
        Assert.InRange(source.Buffers.Count, 1, 4);
    }

    private async Task<List<string>> UnfinishedAsync()
    {
        var list = await _other.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = _options.Bucket, Prefix = _options.Prefix });
        return [.. (list.MultipartUploads ?? []).Select(upload => upload.UploadId)];
    }

    private sealed class MemorySource(byte[] content) : IByteSource
    {
        public string Name => "memory";

        public long Length => content.Length;

        public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
        {
            await Task.Yield(); // A source is asynchronous.
            content.AsMemory((int)offset, destination.Length).CopyTo(destination);
        }
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
            await Task.Delay(100, cancellationToken); // The parts before have arrived meanwhile.
            throw new IOException("the source is torn");
        }
    }

    /// <summary>Remembers where it was read, and into which memory.</summary>
    private sealed class CountingSource(long length) : IByteSource
    {
        public List<long> Steps { get; } = [];

        public HashSet<byte[]> Buffers { get; } = new(ReferenceEqualityComparer.Instance);

        public string Name => "counting";

        public long Length => length;

        public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
        {
            Steps.Add(offset);
            if (MemoryMarshal.TryGetArray<byte>(destination, out var buffer))
                Buffers.Add(buffer.Array!);
            return ValueTask.CompletedTask;
        }
    }
}
