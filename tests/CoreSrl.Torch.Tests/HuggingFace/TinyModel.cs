using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace CoreSrl.Torch.Tests.HuggingFace;

/// <summary>A small random model in Hugging Face's format, with what an independent program computes from it in double precision.</summary>
internal static class TinyModel
{
    public static TheoryData<string> Names => ["qwen3-tiny", "qwen3-tied-tiny", "qwen2-tiny", "llama-tiny"];

    public static string Folder(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", name);

    public static JsonArray Cases(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(Folder(name), "expected.json")))!["cases"]!.AsArray();

    public static long[] Tokens(JsonNode tokens) => [.. tokens.AsArray().Select(token => (long)token!)];

    public static Tensor LastLogits(Decoder decoder, long[] tokens) =>
        decoder.Logits(decoder.Forward(tensor(tokens, [1, tokens.Length]), arange(tokens.Length, int64).unsqueeze(0))[^1]);

    public static void AssertLogits(JsonNode expected, Tensor actual, double tolerance = 1e-4)
    {
        var logits = expected.AsArray().Select(value => (double)value!);
        Assert.Equal(logits, actual.data<float>().ToArray().Select(value => (double)value), (a, b) => Math.Abs(a - b) < tolerance);
    }
}
