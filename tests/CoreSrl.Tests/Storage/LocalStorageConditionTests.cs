using CoreSrl.Abstractions;
using static CoreSrl.Tests.Storage.StorageCalls;

namespace CoreSrl.Tests.Storage;

public sealed class LocalStorageConditionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Of_racing_writers_with_if_absent_exactly_one_succeeds()
    {
        var winners = new int[20];
        for (var round = 0; round < winners.Length; round++)
        {
            var key = $"round_{round}/metadata.json";
            var results = await Task.WhenAll(Enumerable.Range(0, 32).Select(writer => Task.Run(async () =>
            {
                try
                {
                    await Open(_folder.Path).PutAsync(key, $"writer {writer}", WriteCondition.IfAbsent);
                    return writer;
                }
                catch (StorageException error) when (error.Kind == StorageErrorKind.PreconditionFailed)
                {
                    return -1;
                }
            })));
            var winner = Assert.Single(results, result => result >= 0);
            Assert.Equal($"writer {winner}", await Open(_folder.Path).GetAsync(key));
        }
    }

    [Fact]
    public async Task Counting_by_compare_and_swap_loses_no_count()
    {
        await Open(_folder.Path).PutAsync("count", "0");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            var storage = Open(_folder.Path);
            for (var counted = 0; counted < 10;)
            {
                var before = (await storage.StatAsync("count", default))!;
                var count = int.Parse(await storage.GetAsync("count"));
                try
                {
                    await storage.PutAsync("count", $"{count + 1}", WriteCondition.IfUnchanged(before.ETag));
                    counted++;
                }
                catch (StorageException error) when (error.Kind == StorageErrorKind.PreconditionFailed)
                {
                }
            }
        })));
        Assert.Equal("80", await Open(_folder.Path).GetAsync("count"));
    }

    [Fact]
    public async Task A_lost_compare_and_swap_names_both_versions()
    {
        var storage = Open(_folder.Path);
        var first = await storage.PutAsync("claim", "mine");
        var second = await storage.PutAsync("claim", "hers", WriteCondition.IfUnchanged(first.ETag));
        var error = await FailsAsync(
            StorageErrorKind.PreconditionFailed, () => storage.PutAsync("claim", "mine", WriteCondition.IfUnchanged(first.ETag)));
        Assert.Equal(
            $"'claim' has changed: expected version {first.ETag}, found {second.ETag}. Read it again before writing it.", error.Message);
        Assert.Equal("hers", await storage.GetAsync("claim"));
        await storage.DeleteAsync("claim", default);
        error = await FailsAsync(
            StorageErrorKind.PreconditionFailed, () => storage.PutAsync("claim", "mine", WriteCondition.IfUnchanged(second.ETag)));
        Assert.Contains("found no object", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Contents_of_one_length_written_in_a_row_have_different_tags()
    {
        var storage = Open(_folder.Path);
        HashSet<string> tags = [];
        for (var i = 0; i < 200; i++)
            Assert.True(tags.Add((await storage.PutAsync("a", $"{i:000}")).ETag));
    }

    [Fact]
    public async Task A_version_written_after_one_from_the_future_still_has_another_tag()
    {
        var storage = Open(_folder.Path);
        await storage.PutAsync("a", "1");
        File.SetLastWriteTimeUtc(_folder["a"], DateTime.UtcNow.AddHours(1));
        var ahead = (await storage.StatAsync("a", default))!;
        var next = await storage.PutAsync("a", "2", WriteCondition.IfUnchanged(ahead.ETag));
        Assert.NotEqual(ahead.ETag, next.ETag);
        Assert.Equal(next, await storage.StatAsync("a", default));
    }

    [Fact]
    public async Task The_lock_is_waited_for_and_the_wait_can_be_cancelled()
    {
        var storage = Open(_folder.Path);
        using (File.OpenHandle(_folder[".srl-lock"], FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => storage.WriteAsync("a", new("x"u8.ToArray()), WriteCondition.Always, source.Token).AsTask());
            Assert.Equal([_folder[".srl-lock"]], Directory.EnumerateFileSystemEntries(_folder.Path));
        }

        await storage.PutAsync("a", "x");
    }
}
