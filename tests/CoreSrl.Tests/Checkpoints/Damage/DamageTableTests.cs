using System.Runtime.Versioning;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Tests.Fakes;
using CoreSrl.Tests.Storage;

namespace CoreSrl.Tests.Checkpoints.Damage;

/// <summary>
/// Whatever happens to whichever file of a checkpoint: loading it and verifying it name the checkpoint and the file, the other
/// checkpoints are verified all the same, and a run goes on from the one before, to its last bit, and says so.
/// </summary>
public sealed class DamageTableTests
{
    private const int Seed = 41;

    public static TheoryData<string> Ways => [.. FileDamage.Ways];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Damage_is_told_by_checkpoint_and_file_and_the_checkpoint_before_is_used(string way)
    {
        using var two = await TwoCheckpoints.CreateAsync();
        var random = new Random(Seed);
        foreach (var (file, path) in two.NewerFiles)
        {
            var whole = await File.ReadAllBytesAsync(path);
            var another = await File.ReadAllBytesAsync(await TwinAsync(two, file));
            foreach (var damage in FileDamage.Cases(way, whole, another, random))
            {
                damage.Happen(path);
                await AssertToldAsync(two, file, $"seed {Seed}, {file} {damage.What}");
                FileDamage.Undo(path, whole);
            }
        }

        await AssertWholeAsync(two);
    }

    [Fact]
    public async Task A_file_that_its_storage_can_never_read_is_damaged()
    {
        using var two = await TwoCheckpoints.CreateAsync();
        foreach (var (file, path) in two.NewerFiles)
        {
            var key = Path.GetRelativePath(two.Path, path).Replace('\\', '/');
            var storage = new FaultyStorage(StorageCalls.Open(two.Path))
            {
                Reading = (verb, read) => verb == "read" && read == key
                    ? throw new StorageException(StorageErrorKind.Permanent, key, $"'{key}': no permission")
                    : Task.CompletedTask,
            };
            await AssertToldAsync(two, file, $"{file} unreadable", storage);
        }

        await AssertWholeAsync(two);
    }

    [FactWithoutPrivileges]
    [UnsupportedOSPlatform("windows")]
    public async Task A_file_without_permission_is_damaged()
    {
        using var two = await TwoCheckpoints.CreateAsync();
        foreach (var (file, path) in two.NewerFiles)
        {
            var mode = File.GetUnixFileMode(path);
            File.SetUnixFileMode(path, UnixFileMode.None);
            await AssertToldAsync(two, file, $"{file} without permission");
            File.SetUnixFileMode(path, mode);
        }

        await AssertWholeAsync(two);
    }

    [Fact]
    public async Task A_file_that_is_damaged_while_the_directory_is_open_is_found_too()
    {
        using var two = await TwoCheckpoints.CreateAsync();
        foreach (var (file, path) in two.NewerFiles)
        {
            var whole = await File.ReadAllBytesAsync(path);
            foreach (var way in new[] { "a bit flipped", "emptied", "removed", "replaced by a folder", "replaced by a link" })
            {
                var log = new LogLines();
                await using var manager = await two.OpenAsync(log);
                FileDamage.Cases(way, whole, whole, new(Seed))[0].Happen(path);
                Assert.Equal(file, Assert.Single((await manager.VerifyAsync(two.Newer)).Problems).File);
                var model = TwoCheckpoints.Unknown();
                Assert.Equal(1, (await manager.RestoreLatestAsync(model))!.Step);
                Assert.True(two.IsOlder(model), $"{file} {way}");
                Assert.Contains(log.Lines, line => line.StartsWith($"Warning: Checkpoint '{two.Newer}': {file} ", StringComparison.Ordinal) && line.EndsWith("It is set aside; trying the one before it.", StringComparison.Ordinal));
                FileDamage.Undo(path, whole);
            }
        }
    }

    [Fact]
    public async Task With_every_checkpoint_damaged_nothing_is_begun_over_them()
    {
        using var two = await TwoCheckpoints.CreateAsync();
        File.Delete(two.At($"{two.Older}/metadata.json"));
        File.Delete(two.NewerFiles["training_state.json"]);
        await using var manager = await two.OpenAsync();
        var error = await Assert.ThrowsAsync<DamagedCheckpointException>(() => manager.RestoreLatestAsync(TwoCheckpoints.Unknown()));
        Assert.Equal($"Every checkpoint in {two.Path} is damaged, so there is nothing to go on from. To start anew choose another directory.", error.Message);
        Assert.Equal([two.Older, two.Newer], manager.Damaged.Select(damage => damage.CheckpointId));
    }

    [Fact]
    public async Task With_every_checkpoint_unreadable_the_storages_own_advice_is_told()
    {
        using var two = await TwoCheckpoints.CreateAsync();
        var storage = new FaultyStorage(StorageCalls.Open(two.Path))
        {
            Reading = (verb, key) => verb == "read" && key.EndsWith("metadata.json", StringComparison.Ordinal)
                ? throw new StorageException(StorageErrorKind.Permanent, key, "the credentials have expired; sign in again.")
                : Task.CompletedTask,
        };
        await using var manager = await CheckpointManager.OpenReadOnlyAsync(storage);
        var error = await Assert.ThrowsAsync<DamagedCheckpointException>(() => manager.RestoreLatestAsync(TwoCheckpoints.Unknown()));
        Assert.Equal($"No checkpoint in {two.Path} can be read: the credentials have expired; sign in again.", error.Message);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_a_checkpoint_is_none_of_ours()
    {
        using var two = await TwoCheckpoints.CreateAsync();
        Directory.CreateDirectory(two.At("lost+found/model_weights"));
        await File.WriteAllTextAsync(two.At("lost+found/training_state.json"), "{}");
        Directory.CreateDirectory(two.At("notes/metadata.json"));
        await File.WriteAllTextAsync(two.At("notes/todo.txt"), "nothing");
        await AssertWholeAsync(two);
    }

    /// <summary>Where the same kind of file of the other checkpoint lies.</summary>
    private static async Task<string> TwinAsync(TwoCheckpoints two, string file)
    {
        if (!file.StartsWith("base_weights/", StringComparison.Ordinal))
            return two.At($"{two.Older}/{file}");
        await using var manager = await two.OpenAsync();
        return two.At($"base_weights/{(await manager.DescribeAsync(two.Older)).BaseWeights.Keys.Single()}.safetensors");
    }

    private static async Task AssertToldAsync(TwoCheckpoints two, string file, string context, ICheckpointStorage? storage = null)
    {
        var log = new LogLines();
        await using (var restoring = await two.OpenAsync(log, storage))
        {
            var model = TwoCheckpoints.Unknown();
            var restored = await restoring.RestoreLatestAsync(model);
            Assert.True(restored?.Saved.Id == two.Older && two.IsOlder(model), $"{context}: not what the older checkpoint was, but step {restored?.Step}");
            Assert.True(log.Lines.Count(line => IsWarning(line)) == 1, $"{context}:\n{string.Join('\n', log.Lines)}");
        }

        await using var manager = await two.OpenAsync(storage: storage);
        var verdict = await manager.VerifyAsync(two.Newer);
        Assert.True(verdict.Problems is [{ } problem] && Names(problem), $"{context}: {string.Join(' ', verdict.Problems)}");
        var all = new Dictionary<string, CheckpointVerdict>();
        await foreach (var one in manager.VerifyAllAsync())
            all.Add(one.Id, one);
        Assert.True(all.Count == 2 && all[two.Older].IsWhole && all[two.Newer].Problems is [{ } found] && Names(found), $"{context}: {string.Join(' ', all.Values)}");
        var error = await Record.ExceptionAsync(() => manager.RestoreAsync(two.Newer, TwoCheckpoints.Unknown()));
        Assert.True(error is DamagedCheckpointException damage && Names(damage), $"{context}: {error}");

        bool Names(DamagedCheckpointException e) => e.CheckpointId == two.Newer && e.File == file && e.Message.StartsWith($"Checkpoint '{two.Newer}': {file} ", StringComparison.Ordinal);
        bool IsWarning(string line) => line.StartsWith($"Warning: Checkpoint '{two.Newer}': {file} ", StringComparison.Ordinal) && line.Contains("It is set aside", StringComparison.Ordinal);
    }

    private static async Task AssertWholeAsync(TwoCheckpoints two)
    {
        await using var manager = await two.OpenAsync();
        Assert.Empty(manager.Damaged);
        var model = TwoCheckpoints.Unknown();
        Assert.Equal(2, (await manager.RestoreLatestAsync(model))!.Step);
        Assert.True(two.IsNewer(model));
        await foreach (var verdict in manager.VerifyAllAsync())
            Assert.True(verdict.IsWhole, $"{string.Join(' ', verdict.Problems)}");
    }

    /// <summary>A fact of a process that file permissions hold for: not of root, who may read everything.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class FactWithoutPrivilegesAttribute : FactAttribute
    {
        public FactWithoutPrivilegesAttribute()
        {
            if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
                Skip = "Permissions hold for a process without privileges, on a Unix.";
        }
    }
}
