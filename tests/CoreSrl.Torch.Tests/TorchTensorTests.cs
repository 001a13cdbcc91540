using CoreSrl.Abstractions;
using static TorchSharp.torch;

namespace CoreSrl.Torch.Tests;

[Collection(OneProcessTorch.Name)]
public sealed class TorchTensorTests
{
    [Fact]
    public void Bytes_are_read_from_any_offset()
    {
        using var live = tensor(new[] { 1f, 2f, 3f });
        var window = new TorchTensor(TensorPart.Weights, "w", live);
        var bytes = new byte[5];

        window.CopyTo(3, bytes);

        float[] values = [1f, 2f, 3f];
        Assert.Equal(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan())[3..8].ToArray(), bytes);
        Assert.Equal("w float32[3]", window.Info.ToString());
    }

    [Fact]
    public void Bytes_written_appear_in_the_live_tensor_even_where_it_requires_a_gradient()
    {
        using var live = zeros(2, 2, requires_grad: true);
        var window = new TorchTensor(TensorPart.Adapter, "w", live);

        window.CopyFrom(8, BitConverter.GetBytes(7.5f));

        Assert.Equal([0f, 0f, 7.5f, 0f], live.detach().data<float>().ToArray());
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 13)]
    [InlineData(12, 1)]
    [InlineData(long.MaxValue, 1)]
    public void A_range_beyond_the_tensor_is_refused(long offset, int length)
    {
        using var live = zeros(3);
        var window = new TorchTensor(TensorPart.Weights, "w", live);

        Assert.Throws<ArgumentOutOfRangeException>(() => window.CopyTo(offset, new byte[length]));
        Assert.Throws<ArgumentOutOfRangeException>(() => window.CopyFrom(offset, new byte[length]));
        Assert.Throws<ArgumentOutOfRangeException>(() => window.TryGetMemory(offset, length, out _));
    }

    [Fact]
    public void What_is_written_to_its_memory_appears_in_the_live_tensor()
    {
        using var live = zeros(3);
        var window = new TorchTensor(TensorPart.Weights, "w", live);

        Assert.True(window.TryGetMemory(4, 8, out var memory));
        BitConverter.GetBytes(7.5f).CopyTo(memory[4..]);

        Assert.Equal(8, memory.Length);
        Assert.Equal([0f, 0f, 7.5f], live.data<float>().ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => window.TryGetMemory(0, -1, out _));
    }

    [Fact]
    public async Task A_file_is_read_straight_into_a_tensor_through_its_memory()
    {
        using var live = zeros(1000);
        var window = new TorchTensor(TensorPart.Weights, "w", live);
        var expected = Enumerable.Range(0, 1000).Select(i => (float)i).ToArray();
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(path, System.Runtime.InteropServices.MemoryMarshal.AsBytes(expected.AsSpan()).ToArray());
            using var file = File.OpenHandle(path);
            Assert.True(window.TryGetMemory(0, 4000, out var memory));
            Assert.Equal(4000, await RandomAccess.ReadAsync(file, memory, 0));
        }
        finally
        {
            File.Delete(path);
        }

        Assert.Equal(expected, live.data<float>().ToArray());
    }

    [Fact]
    public void Memory_keeps_a_tensor_alive_that_nothing_else_holds()
    {
        var memory = MemoryOfALostTensor();
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.All(memory.ToArray(), value => Assert.Equal(1, value));

        // In a method of its own, so that no local variable holds the tensor.
        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static Memory<byte> MemoryOfALostTensor()
        {
            Assert.True(new TorchTensor(TensorPart.Weights, "w", ones(100, uint8)).TryGetMemory(0, 100, out var memory));
            return memory;
        }
    }

    [Fact]
    public void Beyond_two_gibibytes_bytes_are_read_and_written_at_their_place()
    {
        using var live = empty(3L << 30, uint8); // pages that nothing touches take no memory
        var window = new TorchTensor(TensorPart.Weights, "w", live);
        const long Far = (5L << 29) + 3;

        window.CopyFrom(Far, [1, 2, 3]);
        Assert.True(window.TryGetMemory(Far + 1, 3, out var memory));
        memory.Span[2] = 4;
        var bytes = new byte[4];
        window.CopyTo(Far, bytes);

        Assert.Equal([1, 2, 3, 4], bytes);
        Assert.Equal(2, live[Far + 1].item<byte>());
    }

    [Fact]
    public void A_tensor_whose_bytes_do_not_lie_in_a_row_is_refused()
    {
        using var live = zeros(2, 3);
        using var turned = live.t();

        var problem = Assert.Throws<ArgumentException>(() => new TorchTensor(TensorPart.Weights, "turned", turned));
        Assert.Contains("Tensor turned is not contiguous", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disposed_tensor_is_not_read()
    {
        var live = zeros(3);
        var window = new TorchTensor(TensorPart.Weights, "w", live);
        Assert.True(window.TryGetMemory(0, 12, out var memory));
        live.Dispose();

        Assert.Throws<ObjectDisposedException>(() => window.CopyTo(0, new byte[4]));
        Assert.Throws<ObjectDisposedException>(() => memory.Span[0]);
    }

    [Fact]
    public void An_empty_tensor_has_no_bytes()
    {
        using var live = zeros(0, 4);
        var window = new TorchTensor(TensorPart.Weights, "w", live);

        window.CopyTo(0, []);
        Assert.True(window.TryGetMemory(0, 0, out var memory));

        Assert.Equal(0, memory.Length);
        Assert.Equal(0, window.Info.ByteLength);
    }

    [Fact]
    public void Every_checkpoint_type_has_its_torch_type_of_the_same_size()
    {
        foreach (var type in Enum.GetValues<TensorType>())
        {
            using var live = zeros(3, type.ToScalarType());
            Assert.Equal(type, live.dtype.ToTensorType());
            Assert.Equal(type.ElementSize(), live.ElementSize);
        }
    }

    [Fact]
    public void A_second_thread_count_in_one_process_is_refused()
    {
        TorchRuntime.Initialize(1);

        var problem = Assert.Throws<InvalidOperationException>(() => TorchRuntime.Initialize(2));
        Assert.Contains("already runs with 1 threads", problem.Message, StringComparison.Ordinal);
    }
}
