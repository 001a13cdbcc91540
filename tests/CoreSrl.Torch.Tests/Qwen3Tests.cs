using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace CoreSrl.Torch.Tests;

/// <summary>A small random Qwen3 in Hugging Face's format, with what the reference implementation computes from it.</summary>
[Collection(OneProcessTorch.Name)]
public sealed class Qwen3Tests : IDisposable
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Fixtures", "qwen3-tiny");

    private readonly DecoderConfig _config;
    private readonly DecoderWeights _weights;
    private readonly JsonArray _cases;

    public Qwen3Tests()
    {
        var config = Json("config.json");
        _config = new DecoderConfig
        {
            VocabularySize = (int)config["vocab_size"]!,
            HiddenSize = (int)config["hidden_size"]!,
            Layers = (int)config["num_hidden_layers"]!,
            Heads = (int)config["num_attention_heads"]!,
            KeyValueHeads = (int)config["num_key_value_heads"]!,
            HeadDim = (int)config["head_dim"]!,
            IntermediateSize = (int)config["intermediate_size"]!,
            RopeTheta = (double)config["rope_theta"]!,
            RmsNormEpsilon = (double)config["rms_norm_eps"]!,
            TieWordEmbeddings = (bool)config["tie_word_embeddings"]!,
        };
        var tensors = Safetensors.Read(Path.Combine(Folder, "model.safetensors"));
        _weights = DecoderWeights.Create(_config, (name, _, _) => tensors[name], (name, _) => tensors[name]);
        Assert.Equal(tensors.Keys.Order(StringComparer.Ordinal), _weights.Names.Order(StringComparer.Ordinal));
        _cases = Json("expected.json")["cases"]!.AsArray();
    }

    public void Dispose() => _weights.Dispose();

    [Fact]
    public void The_logits_are_those_of_the_reference()
    {
        using var scope = NewDisposeScope();
        using var decoder = new Decoder(_weights);
        foreach (var expected in _cases)
        {
            var tokens = Tokens(expected!["ids"]!);
            var logits = LastLogits(decoder, tokens);
            AssertLogits(expected["last_logits"]!, logits);
        }
    }

    [Fact]
    public void The_logits_with_a_PEFT_adapter_are_those_of_the_reference()
    {
        using var scope = NewDisposeScope();
        var json = Json("adapter_config.json");
        var lora = new LoraConfig
        {
            Rank = (int)json["r"]!,
            Alpha = (double)json["lora_alpha"]!,
            TargetModules = [.. json["target_modules"]!.AsArray().Select(name => (string)name!)],
        };
        using var adapter = new LoraAdapter(lora, _config, seed: 0, CPU);
        using (no_grad())
        {
            var tensors = Safetensors.Read(Path.Combine(Folder, "adapter_model.safetensors"));
            Assert.Equal(tensors.Keys.Order(StringComparer.Ordinal), adapter.Parameters.Names.Order(StringComparer.Ordinal));
            foreach (var (name, tensor) in tensors)
                adapter.Parameters[name].copy_(tensor);
        }

        using var decoder = new Decoder(_weights, adapter);
        foreach (var expected in _cases)
            AssertLogits(expected!["adapter_last_logits"]!, LastLogits(decoder, Tokens(expected["ids"]!)));
    }

    [Fact]
    public void The_log_probabilities_of_a_text_are_those_of_the_reference()
    {
        using var scope = NewDisposeScope();
        using var decoder = new Decoder(_weights);
        // All texts in one batch: the first token is the prompt, the rest its continuation.
        var batch = new SharedPrefixBatch([.. _cases.Select(expected =>
        {
            var tokens = Tokens(expected!["ids"]!).Select(token => (int)token).ToArray();
            return (tokens[..1], (IReadOnlyList<int[]>)[tokens[1..]]);
        })]);

        var (logProbabilities, targets) = batch.Score(decoder, 1, dropout: null);

        var expectations = _cases.SelectMany(expected => expected!["token_logprobs"]!.AsArray()).Select(value => (double)value!);
        var actual = logProbabilities.gather(1, targets).squeeze(1).data<float>().ToArray().Select(value => (double)value);
        Assert.Equal(expectations, actual, (a, b) => Math.Abs(a - b) < 1e-4);
    }

    [Fact]
    public void Greedy_decoding_through_the_cache_writes_what_the_reference_writes()
    {
        using var scope = NewDisposeScope();
        using var untracked = no_grad();
        using var decoder = new Decoder(_weights);
        foreach (var expected in _cases)
        {
            var tokens = Tokens(expected!["ids"]!);
            var greedy = Tokens(expected["greedy"]!);
            using var cache = new KeyValueCache(_config, 1, tokens.Length + greedy.Length, CPU);
            var row = decoder.Forward(tensor(tokens, [1, tokens.Length]), arange(tokens.Length, int64).unsqueeze(0), cache: cache)[^1];
            var written = new List<long>();
            for (var i = 0; i < greedy.Length; i++)
            {
                written.Add(decoder.Logits(row).argmax().item<long>());
                var position = (long)tokens.Length + i;
                row = decoder.Forward(tensor(written[^1]).view(1, 1), tensor(position).view(1, 1), zeros(1, 1, 1, position + 1), cache)[0];
            }

            Assert.Equal(greedy, written);
        }
    }

    private static JsonNode Json(string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, file)))!;

    private static long[] Tokens(JsonNode tokens) => [.. tokens.AsArray().Select(token => (long)token!)];

    private static Tensor LastLogits(Decoder decoder, long[] tokens) =>
        decoder.Logits(decoder.Forward(tensor(tokens, [1, tokens.Length]), arange(tokens.Length, int64).unsqueeze(0))[^1]);

    private static void AssertLogits(JsonNode expected, Tensor actual)
    {
        var logits = expected.AsArray().Select(value => (double)value!);
        Assert.Equal(logits, actual.data<float>().ToArray().Select(value => (double)value), (a, b) => Math.Abs(a - b) < 1e-4);
    }
}
