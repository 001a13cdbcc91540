using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Plugins.LocalStorage;
using CoreSrl.Tests.Fakes;
using CoreSrl.Tests.Storage;

namespace CoreSrl.Tests.Checkpoints;

/// <summary>
/// A frozen base of more than 8 GiB with a tensor of more than 4 GiB in it, zero but for marks at its borders; and a tensor of more than
/// 2 GiB that training changes. They run alone: what a process allocates is counted, and is large.
/// </summary>
[Collection(nameof(Alone))]
public sealed class LargeStateTests
{
    /// <summary>What saving or loading may allocate, however large the base is.</summary>
    private const long AllowedBytes = 64 << 20;

    [Fact]
    public async Task A_base_of_more_than_8_GiB_is_stored_once_and_loaded_without_a_copy_in_memory()
    {
        var storage = new SparseStorage();
        var trained = new LargeState(marked: true);
        Assert.True(trained.Tensors.Sum(tensor => tensor.Info.ByteLength) > 8L << 30);

        await using (var checkpoints = await CheckpointManager.OpenAsync(storage, new() { MaxCheckpoints = 1 }))
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await await checkpoints.SaveAsync(1, null, trained);
            await await checkpoints.SaveAsync(2, null, trained);
            Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, AllowedBytes);
        }

        Assert.Single(storage.Sizes, pair => pair.Value > 8L << 30);
        Assert.True(storage.Sizes.Values.Where(size => size < 8L << 30).Sum() < 1 << 20, string.Join(", ", storage.Sizes));

        await using var opened = await CheckpointManager.OpenAsync(storage);
        var resumed = new LargeState(marked: false);
        var start = GC.GetTotalAllocatedBytes(precise: true);
        Assert.Equal(2, (await opened.RestoreLatestAsync(resumed))!.Step);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - start, 0, AllowedBytes);
        foreach (var (tensor, offset, mark) in trained.Marks)
        {
            var found = new byte[mark.Length];
            resumed.Tensors.Single(other => other.Info.Name == tensor).CopyTo(offset, found);
            Assert.Equal(mark, found);
        }

        Assert.Equal(trained.PageCount, resumed.PageCount);
    }

    [Theory]
    [InlineData(0)]
    [InlineData((1L << 31) + 7)]
    [InlineData((1L << 32) + 1)]
    [InlineData((1L << 33) + 7)]
    public async Task One_wrong_bit_anywhere_in_it_is_found_and_its_place_told(long position)
    {
        var storage = new SparseStorage();
        await using var checkpoints = await CheckpointManager.OpenAsync(storage);
        var save = await checkpoints.SaveAsync(1, null, new LargeState(marked: true));
        var saved = await save;
        var key = storage.Sizes.Single(pair => pair.Value > 8L << 30).Key;
        var one = new byte[1];
        storage[key].CopyTo(position, one);
        storage[key].CopyFrom(position, [(byte)(one[0] ^ 0x10)]);

        var problem = Assert.Single((await checkpoints.VerifyAsync(saved.Id)).Problems);

        const long part = 16 << 20;
        Assert.Equal(key, problem.File);
        Assert.Contains($"from byte {position / part * part} to ", problem.Problem, StringComparison.Ordinal);
        Assert.Contains(key, (await Assert.ThrowsAsync<DamagedCheckpointException>(() => checkpoints.RestoreAsync(saved.Id, new LargeState(marked: false)))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tensor_of_more_than_2_GiB_that_training_changes_goes_to_the_disk_and_back()
    {
        using var folder = new TemporaryFolder();
        var tensor = new ChunkedTensor(TensorPart.Weights, new("huge", TensorType.Int8, (1L << 31) + 12345));
        var state = new OneTensor(tensor);
        long[] places = [0, (16 << 20) - 2, int.MaxValue - 5L, 1L << 31, tensor.Info.ByteLength - 4];
        foreach (var place in places)
            tensor.CopyFrom(place, BitConverter.GetBytes((int)place ^ 0x5A5A5A5A));
        await using var checkpoints = await CheckpointManager.OpenAsync(LocalStorage.In(folder.Path));

        var save = await checkpoints.SaveAsync(1, null, state);
        foreach (var place in places)
            tensor.CopyFrom(place, [0, 0, 0, 0]); // Training goes on while it is written.
        await save;
        Assert.Equal(1, (await checkpoints.RestoreLatestAsync(state))!.Step);

        foreach (var place in places)
        {
            var found = new byte[4];
            tensor.CopyTo(place, found);
            Assert.Equal((int)place ^ 0x5A5A5A5A, BitConverter.ToInt32(found));
        }
    }

    private sealed class OneTensor(StateTensor tensor) : IStateful
    {
        public ModelDescription Description { get; } = new() { Kind = "one", Architecture = [] };

        public IReadOnlyList<StateTensor> Tensors => [tensor];

        public JsonObject CaptureState() => [];

        public void RestoreState(JsonObject state)
        {
        }
    }

    private sealed class LargeState : IStateful
    {
        private readonly List<SparseTensor> _frozen =
        [
            new(TensorPart.Frozen, new("blocks.0", TensorType.BFloat16, 3, 1 << 30)),
            new(TensorPart.Frozen, new("blocks.1", TensorType.Float32, (1L << 29) + 3)),
            new(TensorPart.Frozen, new("norm", TensorType.Float32, 5)),
        ];

        private readonly ManagedTensor _adapter = ManagedTensor.Of(TensorPart.Adapter, "lora", 1, 2, 3);

        public LargeState(bool marked)
        {
            foreach (var (tensor, offset, mark) in marked ? Marks : [])
                _frozen.Single(frozen => frozen.Info.Name == tensor).CopyFrom(offset, mark);
        }

        /// <summary>At the beginning, across 2 and 4 GiB, where parts of a file meet, and at the very end.</summary>
        public IEnumerable<(string Tensor, long Offset, byte[] Mark)> Marks =>
            from frozen in _frozen
            from offset in (long[])[0, (16 << 20) - 3, (1L << 31) - 4, (1L << 32) - 4, frozen.Info.ByteLength - 8]
            where offset <= frozen.Info.ByteLength - 8
            select (frozen.Info.Name, offset, BitConverter.GetBytes(0x0123456789ABCDEF ^ offset));

        public int PageCount => _frozen.Sum(tensor => tensor.Bytes.PageCount);

        public ModelDescription Description { get; } = new() { Kind = "large", Architecture = [] };

        public IReadOnlyList<StateTensor> Tensors => [_adapter, .. _frozen];

        public JsonObject CaptureState() => [];

        public void RestoreState(JsonObject state)
        {
        }
    }
}
