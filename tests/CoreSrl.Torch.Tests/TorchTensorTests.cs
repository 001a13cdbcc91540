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
        live.Dispose();

        Assert.Throws<ObjectDisposedException>(() => window.CopyTo(0, new byte[4]));
    }

    [Fact]
    public void An_empty_tensor_has_no_bytes()
    {
        using var live = zeros(0, 4);
        var window = new TorchTensor(TensorPart.Weights, "w", live);

        window.CopyTo(0, []);

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
