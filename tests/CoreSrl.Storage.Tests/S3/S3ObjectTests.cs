using CoreSrl.Abstractions;
using CoreSrl.Plugins.S3Storage;
using CoreSrl.Storage.Tests.Servers;

namespace CoreSrl.Storage.Tests.S3;

public sealed class S3ObjectTests : IDisposable
{
    private readonly S3Storage _storage = new(S3Server.NewPlace());

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
}
