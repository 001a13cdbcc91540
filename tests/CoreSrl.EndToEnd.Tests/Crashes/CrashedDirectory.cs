using System.Text.RegularExpressions;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.CrashProgram;
using CoreSrl.Plugins.LocalStorage;

namespace CoreSrl.EndToEnd.Tests.Crashes;

/// <summary>A checkpoint directory whose process may have died at any moment.</summary>
internal static partial class CrashedDirectory
{
    /// <summary>Asserts, without changing anything, that every checkpoint listed is whole, base weights included.</summary>
    /// <returns>What is listed, newest first.</returns>
    public static async Task<IReadOnlyList<SavedCheckpoint>> AssertWholeAsync(string path)
    {
        await using var manager = await CheckpointManager.OpenReadOnlyAsync(LocalStorage.In(path));
        Assert.Empty(manager.Damaged);
        foreach (var saved in manager.Checkpoints)
            Assert.Empty((await manager.VerifyAsync(saved.Id)).Problems);
        return manager.Checkpoints;
    }

    /// <summary>Asserts that a loop's checkpoints are whole, hold to the last bit what their steps were, and that none is older than it
    /// could be.</summary>
    /// <returns>Their steps, newest first.</returns>
    public static async Task<IReadOnlyList<long>> AssertLoopAsync(string path, long durable)
    {
        var saved = await AssertWholeAsync(path);
        await using var manager = await CheckpointManager.OpenReadOnlyAsync(LocalStorage.In(path));
        foreach (var checkpoint in saved)
        {
            var state = LoopState.Unknown();
            Assert.Equal(checkpoint.Episode, (await manager.RestoreAsync(checkpoint.Id, state)).Step);
            Assert.Null(LoopState.At(checkpoint.Episode).DifferenceFrom(state));
        }

        var steps = saved.Select(checkpoint => checkpoint.Episode).ToList();
        var newest = steps.FirstOrDefault();
        Assert.True(newest >= durable, $"step {durable} was durable; the newest checkpoint is of step {newest}");
        // Two are kept; a third is there between a commit and its retention.
        Assert.Equal(Enumerable.Range(0, steps.Count).Select(age => newest - age), steps);
        Assert.InRange(steps.Count, Math.Min(2, durable), 3);
        return steps;
    }

    /// <summary>Makes a dead process's temporary files old enough to be taken for abandoned.</summary>
    public static void Age(string path)
    {
        foreach (var file in Directory.Exists(path) ? Directory.GetFiles(path, ".srl-*.tmp") : [])
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow - TimeSpan.FromHours(1));
    }

    /// <summary>Asserts that two directories hold the same files, with the same content; clock times aside. A folder that a death left
    /// empty holds no object and does no harm.</summary>
    public static void AssertSame(string expected, string actual)
    {
        var (one, other) = (Files(expected), Files(actual));
        Assert.Equal(one.Keys, other.Keys);
        foreach (var (name, path) in one.Where(entry => !HoldsTimes(entry.Key)))
            Assert.True(File.ReadAllBytes(path).AsSpan().SequenceEqual(File.ReadAllBytes(other[name])), $"{name} differs");
    }

    /// <summary>The path of every file by its name without times.</summary>
    public static SortedDictionary<string, string> Files(string root) => new(
        Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .ToDictionary(path => UnixTime().Replace(Path.GetRelativePath(root, path), "_TIME"), path => path),
        StringComparer.Ordinal);

    private static bool HoldsTimes(string name) => Path.GetFileName(name) is "metadata.json" or "claim.json";

    [GeneratedRegex(@"_\d{10,}")]
    private static partial Regex UnixTime();
}
