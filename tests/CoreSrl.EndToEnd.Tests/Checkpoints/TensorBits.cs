using CoreSrl.Abstractions;
using CoreSrl.Formats;
using CoreSrl.Formats.Pt;
using CoreSrl.Formats.Safetensors;

namespace CoreSrl.EndToEnd.Tests.Checkpoints;

/// <summary>What a file of tensors holds.</summary>
internal static class TensorBits
{
    /// <summary>Every tensor of a file, with its bytes.</summary>
    public static async Task<IReadOnlyList<(TensorInfo Info, byte[] Bytes)>> ReadAsync(string path)
    {
        using var source = new FileSource(path);
        var file = path.EndsWith(".pt", StringComparison.Ordinal) ? await PtReader.OpenAsync(source) : await SafetensorsReader.OpenAsync(source);
        var tensors = new List<(TensorInfo, byte[])>();
        foreach (var tensor in file.Tensors)
        {
            var bytes = new byte[tensor.Info.ByteLength];
            await file.ReadAsync(tensor, 0, bytes);
            tensors.Add((tensor.Info, bytes));
        }

        Assert.NotEmpty(tensors);
        return tensors;
    }

    /// <summary>Asserts that both are the same tensors, in whatever order, to the last bit.</summary>
    public static void AssertSame(IReadOnlyList<(TensorInfo Info, byte[] Bytes)> expected, IReadOnlyList<(TensorInfo Info, byte[] Bytes)> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach (var (one, other) in expected.OrderBy(tensor => tensor.Info.Name, StringComparer.Ordinal).Zip(actual.OrderBy(tensor => tensor.Info.Name, StringComparer.Ordinal)))
        {
            Assert.Equal(one.Info, other.Info);
            Assert.True(one.Bytes.AsSpan().SequenceEqual(other.Bytes), $"{one.Info.Name} differs");
        }
    }
}
