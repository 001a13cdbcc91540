using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.EndToEnd.Tests.Training;

namespace CoreSrl.EndToEnd.Tests.Checkpoints;

/// <summary>A directory that the real command has trained in, once for all tests of a class; each works on a copy of its own.</summary>
public sealed class TrainedDirectory : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        _folder.Write("run.json", Configurations.Small);
        (await Srl.RunAsync(_folder.Path, "train", "run.json", "--set", "Training:MaxEpisodes=7")).Succeeded();
    }

    /// <inheritdoc/>
    public Task DisposeAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    /// <summary>A folder with <c>run.json</c> and <c>checkpoints/small</c>: the checkpoints of episodes 3, 6 and, final, 7.</summary>
    internal TrainedCopy Copy()
    {
        var copy = new TrainedCopy();
        FolderCopy.Make(_folder.Path, copy.Path);
        return copy;
    }
}

/// <summary>One test's copy of a trained directory.</summary>
internal sealed class TrainedCopy : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>The folder to run commands in.</summary>
    public string Path => _folder.Path;

    /// <summary>The checkpoint directory, as a full path.</summary>
    public string Directory => _folder.File("checkpoints/small");

    /// <summary>The ids of the checkpoints, newest first.</summary>
    public IReadOnlyList<string> Ids =>
        [.. System.IO.Directory.GetDirectories(Directory, "*_ep_*").OrderByDescending(RunDirectory.Episode).Select(folder => System.IO.Path.GetFileName(folder)!)];

    /// <summary>The key of the base weights, which the models share.</summary>
    public string BaseWeights =>
        $"base_weights/{System.IO.Path.GetFileName(Assert.Single(System.IO.Directory.GetFiles(At("base_weights"))))}";

    /// <summary>The path of a key.</summary>
    public string At(string key) => System.IO.Path.Combine(Directory, key);

    /// <summary>Flips a bit in the middle of a file.</summary>
    public void Flip(string key)
    {
        var bytes = File.ReadAllBytes(At(key));
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(At(key), bytes);
    }

    public void Dispose() => _folder.Dispose();
}
