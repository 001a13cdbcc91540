using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Formats;
using CoreSrl.Formats.Peft;
using CoreSrl.Formats.Safetensors;

namespace CoreSrl.Tests.Formats;

/// <summary>An adapter folder in memory, sound until a test changes it: rank 2, alpha 8, q_proj and v_proj of one layer.</summary>
internal sealed class TestAdapter : IByteFolder
{
    public JsonObject Config { get; } = new()
    {
        ["peft_type"] = "LORA",
        ["r"] = 2,
        ["lora_alpha"] = 8,
        ["target_modules"] = new JsonArray("q_proj", "v_proj"),
    };

    public List<TensorBytes> Tensors { get; } = [.. Pair("layers.0.q_proj", 2, 6, 4), .. Pair("layers.0.v_proj", 2, 6, 3)];

    /// <summary>Files that take the place of what the config and the tensors would be written to; null for one that is not there.</summary>
    public Dictionary<string, byte[]?> Files { get; } = [];

    public string Name => "adapter";

    public static IEnumerable<TensorBytes> Pair(string module, int rank, int inputs, int outputs) =>
    [
        Fixture.Tensor($"base_model.model.{module}.lora_A.weight", TensorType.Float32, 1, rank, inputs),
        Fixture.Tensor($"base_model.model.{module}.lora_B.weight", TensorType.Float32, 2, outputs, rank),
    ];

    public TestAdapter With(string key, JsonNode? value)
    {
        Config[key] = value;
        return this;
    }

    public TestAdapter With(params IEnumerable<TensorBytes> tensors)
    {
        Tensors.AddRange(tensors);
        return this;
    }

    public TestAdapter Without(string tensor)
    {
        Assert.Equal(1, Tensors.RemoveAll(candidate => candidate.Info.Name == tensor));
        return this;
    }

    public TestAdapter WithFile(string name, byte[]? content)
    {
        Files[name] = content;
        return this;
    }

    public ValueTask<PeftAdapter> Open() => PeftAdapterReader.OpenAsync(this);

    public async Task AssertRefused(string message) =>
        Assert.Contains(message, (await Assert.ThrowsAsync<CheckpointFormatException>(() => Open().AsTask())).Message);

    public ValueTask<IByteSource?> FindAsync(string file, CancellationToken cancellationToken)
    {
        var content = Files.TryGetValue(file, out var given) ? given : file switch
        {
            "adapter_config.json" => Encoding.UTF8.GetBytes(Config.ToJsonString()),
            "adapter_model.safetensors" => SafetensorsWriter.Write(Tensors).ToArray(),
            _ => null,
        };
        return new(content is null ? null : new BoundedSource($"adapter/{file}", content));
    }
}
