using CoreSrl.Abstractions;
using CoreSrl.Plugins.LocalStorage;

namespace CoreSrl.Storage.Tests.Local;

public sealed class LocalConformanceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("core-srl-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task What_is_written_is_there()
    {
        ICheckpointStorage storage = LocalStorage.In(_folder.FullName);
        await storage.WriteAsync("a/b", new([1, 2, 3]), WriteCondition.IfAbsent, default);
        Assert.Equal([1, 2, 3], (await storage.ReadAllAsync("a/b", default))!.Content.ToArray());
    }
}
