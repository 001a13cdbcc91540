using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.EndToEnd.Tests.Training;

namespace CoreSrl.EndToEnd.Tests.Guide;

/// <summary>A finished run of eight checkpoints, trained once; each test works on a copy of it.</summary>
public sealed class TrainedRun : IAsyncLifetime
{
    /// <summary>Where a copy's checkpoints lie, as its configuration <c>run.json</c> says.</summary>
    internal const string Checkpoints = "checkpoints/small";

    private readonly TemporaryFolder _folder = new();

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        _folder.Write("run.json", Configurations.Small);
        (await Srl.RunAsync(_folder.Path, "train", "run.json")).Succeeded();
    }

    /// <inheritdoc/>
    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>A copy in a folder of its own.</summary>
    internal TemporaryFolder Copy()
    {
        var copy = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories))
        {
            var target = copy.File(Path.GetRelativePath(_folder.Path, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return copy;
    }

    /// <summary>Changes one bit of a file.</summary>
    internal static async Task DamageAsync(string file)
    {
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
    }
}
