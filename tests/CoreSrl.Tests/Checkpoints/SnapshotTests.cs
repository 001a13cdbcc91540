using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Checkpoints.Snapshots;
using CoreSrl.Tests.Fakes;

namespace CoreSrl.Tests.Checkpoints;

public sealed class SnapshotTests
{
    [Fact]
    public void A_snapshot_stays_as_it_was_when_the_model_moves_on()
    {
        var model = new TestModel(1, new() { Width = 4, Frozen = 2 });
        using var snapshot = Capture(new(queued: 0), model)!;
        var before = model.Weights.ToArray();
        model.Weights.Fill(9);
        Assert.Equal(before, MemoryMarshal.Cast<byte, float>(Bytes(snapshot, TensorPart.Adapter).ToArray()).ToArray());
        Assert.Empty(snapshot.Models[0].Tensors[TensorPart.Frozen]);
        Assert.Single(snapshot.Models[0].Frozen);
    }

    [Fact]
    public void Of_small_models_two_snapshots_can_be_held_and_their_memory_is_used_again()
    {
        var buffers = new SnapshotBuffers(queued: 0);
        var model = new TestModel(1, new());
        var first = Capture(buffers, model)!;
        var second = Capture(buffers, model)!;
        Assert.Null(Capture(buffers, model));
        var (one, other) = (Memory(first), Memory(second));
        Assert.NotSame(one, other);

        var holder = first.Share();
        first.Dispose();
        Assert.Null(Capture(buffers, model));
        holder.Dispose();
        using var third = Capture(buffers, model)!;
        Assert.Same(one, Memory(third));
        second.Dispose();
    }

    [Fact]
    public void Of_large_models_there_is_one_copy_and_no_other()
    {
        var buffers = new SnapshotBuffers(queued: 0);
        using var model = new LargeModel((64 << 20) + 12, seed: 5);
        var first = Capture(buffers, model)!;
        Assert.Null(Capture(buffers, model));
        var memory = Memory(first);
        first.Dispose();
        using var second = Capture(buffers, model)!;
        Assert.Same(memory, Memory(second));
    }

    [Fact]
    public void Memory_for_tensors_that_came_later_is_made_once()
    {
        var buffers = new SnapshotBuffers(queued: 0);
        Capture(buffers, new TestModel(1, new() { Width = 4 }))!.Dispose();
        using var wider = Capture(buffers, new TestModel(1, new() { Width = 8 }))!;
        var memory = Memory(wider);
        Assert.Equal(32, Bytes(wider, TensorPart.Adapter).Length);
        wider.Dispose();
        Assert.Same(memory, Memory(Capture(buffers, new TestModel(1, new() { Width = 8 }))!));
    }

    [Fact]
    public async Task A_snapshot_that_is_being_saved_is_not_overwritten()
    {
        var storage = new FaultyStorage(new MemoryStorage());
        var gate = new TaskCompletionSource();
        await using var bench = await Bench.OpenAsync(storage);
        await bench.Store.ClaimAsync(default);
        storage.Before = (_, _) => gate.Task;
        var expected = bench.Models[0].Weights.ToArray();
        var (id, durable) = await bench.BeginSaveAsync(1);
        for (var i = 0; i < 5; i++)
        {
            bench.Models[0].Weights.Fill(i);
            bench.Buffers.TryCapture(bench.States)!.Dispose();
        }

        gate.SetResult();
        await durable;
        Assert.Equal(expected, (await Bench.RestoreAsync(bench.Store, id))[0].Weights.ToArray());
    }

    [Fact]
    public async Task Memory_comes_back_from_a_save_that_fails()
    {
        var storage = new FaultyStorage(new MemoryStorage());
        await using var bench = await Bench.OpenAsync(storage);
        await bench.Store.ClaimAsync(default);
        storage.Before = (_, _) => throw new IOException("no room");
        await bench.BeginSaveAsync(1);
        await Assert.ThrowsAsync<StorageException>(() => bench.Store.FlushAsync());
        using var one = bench.Buffers.TryCapture(bench.States);
        using var other = bench.Buffers.TryCapture(bench.States);
        Assert.True(one is not null && other is not null);
    }

    [Fact]
    public async Task A_tensor_larger_than_a_chunk_goes_out_and_comes_back_to_the_same_bits()
    {
        const int length = (64 << 20) + 12;
        using var written = new LargeModel(length, seed: 5);
        await using var manager = await CheckpointManager.OpenAsync(new MemoryStorage());
        var save = await manager.SaveAsync(1, null, written);
        await save;
        Assert.True((await manager.DescribeAsync(save.Id)).Files["model_weights/model.safetensors"].Parts.IsEmpty);
        Assert.Equal(5, (await manager.DescribeAsync(save.Id)).Files["lora_weights/lora_0.pt"].Parts.Length);
        using var read = new LargeModel(length, seed: 6);
        await manager.RestoreAsync(save.Id, read);
        Assert.All(written.Tensors.Zip(read.Tensors), pair =>
            Assert.True(((ManagedTensor)pair.First).Bytes.AsSpan().SequenceEqual(((ManagedTensor)pair.Second).Bytes)));
    }

    private static Snapshot? Capture(SnapshotBuffers buffers, IStateful state) => buffers.TryCapture([("m", state)]);

    private static ReadOnlySequence<byte> Bytes(Snapshot snapshot, TensorPart part) => snapshot.Models[0].Tensors[part].Single().Content;

    private static byte[] Memory(Snapshot snapshot)
    {
        Assert.True(MemoryMarshal.TryGetArray(Bytes(snapshot, TensorPart.Adapter).First, out var segment));
        return segment.Array!;
    }

    /// <summary>One tensor of each part, the adapter larger than 64 MiB.</summary>
    private sealed class LargeModel : IStateful, IDisposable
    {
        public LargeModel(int length, ulong seed)
        {
            var random = new SeededRandom(seed);
            var tensors = new List<ManagedTensor>();
            foreach (var part in Enum.GetValues<TensorPart>())
            {
                var tensor = new ManagedTensor(part, new($"t{part}", TensorType.UInt8, part == TensorPart.Adapter ? length : 7));
                foreach (ref var word in MemoryMarshal.Cast<byte, ulong>(tensor.Bytes.AsSpan()))
                    word = random.NextUInt64();
                tensor.Bytes[^1] = (byte)random.NextInt32(256);
                tensors.Add(tensor);
            }

            Tensors = tensors;
        }

        public ModelDescription Description { get; } = new() { Kind = "large", Architecture = [] };

        public IReadOnlyList<StateTensor> Tensors { get; }

        public JsonObject CaptureState() => [];

        public void RestoreState(JsonObject state)
        {
        }

        public void Dispose()
        {
        }
    }
}
