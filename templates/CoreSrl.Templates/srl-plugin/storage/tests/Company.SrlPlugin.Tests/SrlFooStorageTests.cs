using CoreSrl.Abstractions;

namespace Company.SrlPlugin.Tests;

public sealed class SrlFooStorageTests
{
    [Fact]
    public async Task Everything_lies_in_one_file()
    {
        var folder = Directory.CreateTempSubdirectory("srl-foo-").FullName;
        using (var storage = new SrlFooStorage(new() { File = "runs.db" }, new StorageContext(folder)))
        {
            Assert.Null(await storage.StatAsync("a/b", default));
            Assert.Empty(Directory.GetFiles(folder)); // Who only looks makes nothing.
            await storage.WriteAsync("a/b", new(new byte[] { 1, 2, 3 }), WriteCondition.IfAbsent, default);
        }

        Assert.Equal(["runs.db"], Directory.GetFiles(folder).Select(Path.GetFileName));
        using (var again = new SrlFooStorage(new() { File = "runs.db" }, new StorageContext(folder)))
        {
            var content = new byte[2];
            await again.ReadAsync("a/b", 1, content, default);
            Assert.Equal([2, 3], content);
        }

        Directory.Delete(folder, recursive: true);
    }
}
