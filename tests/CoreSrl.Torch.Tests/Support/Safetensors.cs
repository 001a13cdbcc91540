using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace CoreSrl.Torch.Tests;

/// <summary>Just enough of the safetensors format to read float32 fixtures: u64 header length, JSON header, data.</summary>
internal static class Safetensors
{
    public static Dictionary<string, Tensor> Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var header = (int)BitConverter.ToUInt64(bytes);
        var tensors = new Dictionary<string, Tensor>();
        foreach (var (name, entry) in JsonNode.Parse(bytes.AsSpan(8, header))!.AsObject())
        {
            if (name == "__metadata__")
                continue;
            Assert.Equal("F32", (string?)entry!["dtype"]);
            var shape = entry["shape"]!.AsArray().Select(dimension => (long)dimension!).ToArray();
            var (begin, end) = ((int)entry["data_offsets"]![0]!, (int)entry["data_offsets"]![1]!);
            var values = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(8 + header + begin, end - begin)).ToArray();
            tensors.Add(name, tensor(values, shape));
        }

        return tensors;
    }
}
