using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Tests.Fakes;
using CoreSrl.Tests.Storage;

namespace CoreSrl.Tests.Checkpoints;

public sealed class DamageTests
{
    private const ulong Seed = 20;

    public static TheoryData<string> Damages => ["one bit flipped", "cut", "emptied", "extended", "removed", "replaced by another"];

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Whatever_happens_to_a_file_is_found_and_the_file_is_named(string damage)
    {
        using var folder = new TemporaryFolder();
        await using var bench = await Bench.OpenAsync(StorageCalls.Open(folder.Path), frozen: 3);
        var id = (await bench.SaveAsync(7)).Id;
        var random = new SeededRandom(Seed);
        foreach (var file in (await bench.DescribeAsync(id)).Files.Keys)
        {
            var path = folder[[id, .. file.Split('/')]];
            var whole = await File.ReadAllBytesAsync(path);
            for (var trial = 0; trial < (damage is "one bit flipped" or "cut" ? 10 : 1); trial++)
            {
                if (Damaged(damage, whole, ref random) is { } bytes)
                    await File.WriteAllBytesAsync(path, bytes);
                else
                    File.Delete(path);
                var error = await Record.ExceptionAsync(() => Bench.RestoreAsync(bench.Store, id, frozen: 3));
                Assert.True(error is DamagedCheckpointException found && found.File == file && found.CheckpointId == id, $"seed {Seed}, {file}, {damage}: {error}");
                Assert.Contains(file, error!.Message, StringComparison.Ordinal);
            }

            await File.WriteAllBytesAsync(path, whole);
        }

        Assert.True(Bench.Same(bench.Models, await Bench.RestoreAsync(bench.Store, id, frozen: 3)));
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Damaged_base_weights_are_found_by_a_model_that_needs_them(string damage)
    {
        using var folder = new TemporaryFolder();
        await using var bench = await Bench.OpenAsync(StorageCalls.Open(folder.Path), frozen: 30);
        var id = (await bench.SaveAsync(7)).Id;
        var file = $"base_weights/{(await bench.DescribeAsync(id)).BaseWeights.Keys.Single()}.safetensors";
        var random = new SeededRandom(Seed);
        if (Damaged(damage, await File.ReadAllBytesAsync(folder[file]), ref random) is { } bytes)
            await File.WriteAllBytesAsync(folder[file], bytes);
        else
            File.Delete(folder[file]);
        var error = await Assert.ThrowsAsync<DamagedCheckpointException>(() => Bench.RestoreAsync(bench.Store, id, frozen: 30, frozenValue: 0));
        Assert.Equal(file, error.File);
        await Bench.RestoreAsync(bench.Store, id, frozen: 30);
    }

    [Fact]
    public async Task A_file_that_metadata_does_not_know_is_damage()
    {
        await using var bench = await Bench.OpenAsync(new MemoryStorage());
        var id = (await bench.SaveAsync(7)).Id;
        var error = await Assert.ThrowsAsync<DamagedCheckpointException>(async () => await (await bench.Store.ReadAsync(id, default)).ReadJsonAsync("model_weights/other.json", default));
        Assert.Equal($"Checkpoint '{id}': model_weights/other.json is not among its files.", error.Message);
    }

    [Fact]
    public async Task Tensors_of_another_shape_are_refused_with_both_shapes()
    {
        await using var bench = await Bench.OpenAsync(new MemoryStorage());
        var id = (await bench.SaveAsync(7)).Id;
        var wider = new TestModel(1, new() { Width = 6 });
        var error = await Assert.ThrowsAsync<DamagedCheckpointException>(async () => await (await bench.Store.ReadAsync(id, default)).RestoreAsync(1, "m1", wider, default));
        Assert.Equal($"Checkpoint '{id}': lora_weights/lora_1.pt holds weights float32[5]; the model has weights float32[6].", error.Message);
    }

    private static byte[]? Damaged(string damage, byte[] whole, ref SeededRandom random)
    {
        if (damage != "one bit flipped")
        {
            return damage switch
            {
                "cut" => whole[..random.NextInt32(whole.Length)],
                "emptied" => [],
                "extended" => [.. whole, 0],
                "removed" => null,
                _ => [.. whole.Reverse()],
            };
        }

        var flipped = whole.ToArray();
        flipped[random.NextInt32(whole.Length)] ^= (byte)(1 << random.NextInt32(8));
        return flipped;
    }
}
