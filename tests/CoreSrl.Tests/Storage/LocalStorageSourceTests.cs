using CoreSrl.Abstractions;
using CoreSrl.Tests.Fakes;
using static CoreSrl.Tests.Storage.StorageCalls;

namespace CoreSrl.Tests.Storage;

/// <summary>What writing from a source is on a disk.</summary>
public sealed class LocalStorageSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_source_is_asked_for_one_piece_after_another()
    {
        var source = new TestSource(new byte[(9 << 20) + 5]);
        await Open(_folder.Path).WriteFromAsync("a", source, WriteCondition.Always, default);
        Assert.Equal([(0, 4 << 20), (4 << 20, 4 << 20), (8 << 20, (1 << 20) + 5)], source.Reads);
    }

    [Fact]
    public async Task A_source_that_fails_leaves_no_temporary_file()
    {
        var source = new TestSource(new byte[12 << 20]);
        source.Before = (offset, _) => offset + source.Reads[^1].Count == source.Length ? throw new InvalidDataException("the source is damaged") : Task.CompletedTask;
        await Assert.ThrowsAsync<InvalidDataException>(async () => await Open(_folder.Path).WriteFromAsync("a", source, WriteCondition.Always, default));
        AssertEmpty();
    }

    [Fact]
    public async Task A_source_that_is_cancelled_while_it_waits_leaves_no_temporary_file()
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
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Open(_folder.Path).WriteFromAsync("a", source, WriteCondition.Always, cancelling.Token));
        AssertEmpty();
    }

    private void AssertEmpty() =>
        Assert.DoesNotContain(Directory.EnumerateFiles(_folder.Path), path => Path.GetFileName(path) != ".srl-lock");
}
