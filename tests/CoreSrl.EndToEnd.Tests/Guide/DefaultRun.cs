using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.EndToEnd.Tests.Training;

namespace CoreSrl.EndToEnd.Tests.Guide;

/// <summary>A finished run in the guide's own directory, <c>./checkpoints/multimodel</c>: episodes 50 to 200, saved every 50.</summary>
public sealed class DefaultRun : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Folder => _folder.Path;

    public string Directory => _folder.File("checkpoints/multimodel");

    /// <summary>The ids, newest first.</summary>
    public IReadOnlyList<string> Ids => [.. new RunDirectory(Directory).Checkpoints.Reverse().Select(Path.GetFileName).OfType<string>()];

    public async Task InitializeAsync() => (await Srl.RunAsync(Folder, "train",
        "--set", "Training:GamesPerEpisode=2", "--set", "Environment:Rounds=1", "--set", "Training:UpdateFrequency=10")).Succeeded();

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _folder.Dispose();
}
