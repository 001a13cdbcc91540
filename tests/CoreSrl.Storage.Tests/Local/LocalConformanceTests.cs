using CoreSrl.Plugins.LocalStorage;
using CoreSrl.Storage.Tests.Conformance;
using CoreSrl.Testing;

namespace CoreSrl.Storage.Tests.Local;

public sealed class LocalConformanceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("core-srl-");

    public static TheoryData<string> Rules => [.. StorageConformance.Rules.Select(rule => rule.Name)];

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Rules))]
    public Task A_folder_keeps_the_rule(string rule) =>
        new StorageConformance(place => LocalStorage.In(Path.Combine(_folder.FullName, place)), Sizes.Chosen).CheckAsync(rule);
}
