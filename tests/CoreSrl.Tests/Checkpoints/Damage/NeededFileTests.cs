using CoreSrl.Checkpoints;
using CoreSrl.Checkpoints.Storing;
using CoreSrl.Tests.Fakes;

namespace CoreSrl.Tests.Checkpoints.Damage;

/// <summary>What a state needs must be among a checkpoint's files and fit; what it does not need is not read.</summary>
public sealed class NeededFileTests
{
    [Fact]
    public async Task Damaged_base_weights_are_found_by_a_model_that_needs_them()
    {
        var storage = new MemoryStorage();
        await using var bench = await Bench.OpenAsync(storage, frozen: 30);
        var id = (await bench.SaveAsync(7)).Id;
        var file = $"base_weights/{(await bench.DescribeAsync(id)).BaseWeights.Keys.Single()}.safetensors";
        storage.Objects[file] = [.. storage.Objects[file].Reverse()];
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
}
