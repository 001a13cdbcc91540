using System.Text;
using CoreSrl.Checkpoints;
using CoreSrl.Checkpoints.Storing;
using CoreSrl.Tests.Fakes;

namespace CoreSrl.Tests.Checkpoints.Damage;

/// <summary>What guards everything else is guarded too: every single bit of <c>metadata.json</c>.</summary>
public sealed class MetadataDamageTests
{
    [Fact]
    public async Task Whatever_bit_of_the_metadata_flips_is_noticed_when_the_directory_is_opened()
    {
        var (storage, key) = await SavedAsync();
        var whole = storage.Objects[key];
        Assert.Single((await CheckpointCatalog.ReadAsync(storage, default)).Saved);
        for (var bit = 0; bit < 8 * whole.Length; bit++)
        {
            var flipped = whole.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            await AssertNoticedAsync(storage, key, flipped, $"bit {bit % 8} of byte {bit / 8}");
        }
    }

    [Fact]
    public async Task Whichever_byte_of_the_metadata_is_lost_or_doubled_or_the_last_is_noticed_when_the_directory_is_opened()
    {
        var (storage, key) = await SavedAsync();
        var whole = storage.Objects[key];
        for (var at = 0; at < whole.Length; at++)
        {
            await AssertNoticedAsync(storage, key, whole[..at], $"cut to {at} bytes");
            await AssertNoticedAsync(storage, key, [.. whole[..at], .. whole[(at + 1)..]], $"without byte {at}");
            await AssertNoticedAsync(storage, key, [.. whole[..at], whole[at], .. whole[at..]], $"byte {at} twice");
        }
    }

    /// <summary>Version 1 had no seal. What a flipped bit leaves readable is read; nothing but damage is ever thrown.</summary>
    [Fact]
    public void Metadata_of_version_1_is_read_or_damaged_whatever_bit_flips()
    {
        var whole = Encoding.UTF8.GetBytes("""
            {
              "format_version": 1,
              "checkpoint_id": "one",
              "timestamp": "2026-11-24T21:58:35.1636615+00:00",
              "episode": 2,
              "environment_steps": 8,
              "final": false,
              "run_id": "run",
              "run_name": "run",
              "parent": null,
              "reason": "every 2 episodes, « asked for »",
              "tags": [ "best" ],
              "model_states": { "m0": { "total_reward": 1.5 }, "m1": { "total_reward": 1e2 } },
              "global_metrics": { "avg_reward": 1.21875, "note": null },
              "config": { "training": { "seed": 7 } },
              "plugins": [],
              "warnings": [],
              "base_weights": [ "c3bf142a09250f7f0b92cef817c1f63b" ],
              "files": {
                "lora_weights/lora_0.pt": { "size": 5610, "xxh128": "e111fc8fe3180dbe86e240d602c49fd5" },
                "lora_weights/lora_1.pt": { "size": 5610, "xxh128": "b31dba4b3a922f37a2f2defc0b028879" }
              }
            }
            """);
        var (read, damaged) = (0, 0);
        for (var bit = 0; bit < 8 * whole.Length; bit++)
        {
            var flipped = whole.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                var record = CheckpointRecord.Parse("one", flipped);
                Assert.NotEmpty(record.Document.ToJsonString());
                Assert.All(record.Files, file => Assert.True(CheckpointLayout.IsDataFile(file.Key) && file.Value.Size >= 0));
                Assert.All(record.BaseWeights.Keys, digest => Assert.True(CheckpointLayout.IsDigest(digest)));
                read++;
            }
            catch (DamagedCheckpointException e)
            {
                Assert.Equal(("one", "metadata.json"), (e.CheckpointId, e.File));
                damaged++;
            }
        }

        Assert.True(read > 0 && damaged > 0, $"{read} were read, {damaged} damaged");
    }

    private static async Task<(MemoryStorage Storage, string Key)> SavedAsync()
    {
        var storage = new MemoryStorage();
        await using var bench = await Bench.OpenAsync(storage, frozen: 2);
        await bench.SaveAsync(7, tags: "best");
        return (storage, $"{bench.Ids[0]}/metadata.json");
    }

    private static async Task AssertNoticedAsync(MemoryStorage storage, string key, byte[] file, string what)
    {
        storage.Objects[key] = file;
        var opened = await CheckpointCatalog.ReadAsync(storage, default);
        Assert.True(opened.Saved.IsEmpty && opened.Damaged is [{ File: "metadata.json" }], $"{what}:\n{Encoding.UTF8.GetString(file)}");
    }
}
