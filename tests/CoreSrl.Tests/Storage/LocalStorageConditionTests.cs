using CoreSrl.Abstractions;
using static CoreSrl.Tests.Storage.StorageCalls;

namespace CoreSrl.Tests.Storage;

public sealed class LocalStorageConditionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

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
