using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Tests.Fakes;

namespace CoreSrl.Tests.Checkpoints;

public sealed class SnapshotTests
{
    [Fact]
    public void A_snapshot_stays_as_it_was_when_the_model_moves_on()
    {
        var model = new TestModel(1, new() { Width = 4, Frozen = 2 });
        using var snapshot = Pool(model).Capture();
        var before = model.Weights.ToArray();
        model.Weights.Fill(9);
        Assert.Equal(before, MemoryMarshal.Cast<byte, float>(Bytes(snapshot, TensorPart.Adapter).ToArray()).ToArray());
        Assert.Empty(snapshot.Models[0].Tensors[TensorPart.Frozen]);
        Assert.Single(snapshot.Models[0].Frozen);
    }

    [Fact]
    public void Buffers_are_used_again_once_the_last_holder_lets_go_and_not_before()
    {
        var pool = Pool(new TestModel(1, new()));
        var first = pool.Capture();
        var buffer = Buffer(first);
        var holder = first.Share();
        first.Dispose();
        var second = pool.Capture();
        Assert.NotSame(buffer, Buffer(second));
        holder.Dispose();
        Assert.Same(buffer, Buffer(pool.Capture()));
        second.Dispose();
    }

    [Fact]
    public async Task A_snapshot_that_is_being_saved_is_not_overwritten_and_its_buffers_come_back_when_it_is()
    {
        var storage = new FaultyStorage(new MemoryStorage());
        var gate = new TaskCompletionSource();
        storage.Before = (_, _) => gate.Task;
        await using var bench = await Bench.OpenAsync(storage);
        var content = bench.Content(1);
        var buffer = Buffer(content.Snapshot);
        var expected = bench.Models[0].Weights.ToArray();
        var (id, durable) = await bench.Manager.BeginSaveAsync(content);
        var meanwhile = new List<byte[]>();
        for (var i = 0; i < 5; i++)
        {
            bench.Models[0].Weights.Fill(i);
            using var next = bench.Snapshots.Capture();
            meanwhile.Add(Buffer(next));
        }

        gate.SetResult();
        await durable;
        Assert.DoesNotContain(meanwhile, other => ReferenceEquals(other, buffer));
        Assert.Equal(expected, (await Bench.RestoreAsync(bench.Manager, id))[0].Weights.ToArray());
        var (one, other) = (bench.Snapshots.Capture(), bench.Snapshots.Capture());
        Assert.Contains(new[] { Buffer(one), Buffer(other) }, free => ReferenceEquals(free, buffer));
    }

    [Fact]
    public async Task Buffers_come_back_from_a_save_that_fails_and_from_one_that_never_begins()
    {
        var storage = new FaultyStorage(new MemoryStorage());
        await using var bench = await Bench.OpenAsync(storage);
        storage.Before = (_, _) => throw new IOException("no room");
        var content = bench.Content(1);
        var buffer = Buffer(content.Snapshot);
        await bench.Manager.BeginSaveAsync(content);
        await Assert.ThrowsAsync<IOException>(() => bench.Manager.BeginSaveAsync(bench.Content(2)));
        var (one, other) = (bench.Snapshots.Capture(), bench.Snapshots.Capture());
        Assert.Contains(new[] { Buffer(one), Buffer(other) }, free => ReferenceEquals(free, buffer));
    }

    [Fact]
    public async Task A_tensor_larger_than_one_buffer_goes_out_and_comes_back_to_the_same_bits()
    {
        const int length = (64 << 20) + 12;
        using var written = new LargeModel(length, seed: 5);
        var storage = new MemoryStorage();
        var pool = new SnapshotPool([("m", written)]);
        await using var manager = await CheckpointManager.OpenAsync(storage, new(), [], new(), default);
        await using var bench = await Bench.OpenAsync(storage);
        var (id, durable) = await manager.BeginSaveAsync(bench.Content(1) with { Snapshot = pool.Capture() });
        await durable;
        using var read = new LargeModel(length, seed: 6);
        await manager.Read(id).RestoreAsync(0, "m", read, default);
        Assert.All(written.Tensors.Zip(read.Tensors), pair =>
            Assert.True(((ManagedTensor)pair.First).Bytes.AsSpan().SequenceEqual(((ManagedTensor)pair.Second).Bytes)));
    }

    private static SnapshotPool Pool(TestModel model) => new([("m", model)]);

    private static ReadOnlySequence<byte> Bytes(Snapshot snapshot, TensorPart part) => snapshot.Models[0].Tensors[part].Single().Content;

    private static byte[] Buffer(Snapshot snapshot)
    {
        Assert.True(MemoryMarshal.TryGetArray(Bytes(snapshot, TensorPart.Adapter).First, out var segment));
        return segment.Array!;
    }

    /// <summary>One tensor of each part, the adapter larger than 64 MiB.</summary>
    private sealed class LargeModel : IModel, IDisposable
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

        public ValueTask<IReadOnlyList<ModelResponse>> ActAsync(IReadOnlyList<ModelRequest> requests, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<LearningReport> LearnAsync(LearningBatch batch, CancellationToken cancellationToken) => throw new NotSupportedException();

        public JsonObject CaptureState() => [];

        public void RestoreState(JsonObject state)
        {
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
