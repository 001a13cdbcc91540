using CoreSrl.Torch.HuggingFace;
using static TorchSharp.torch;

namespace CoreSrl.Torch.Tests.HuggingFace;

/// <summary>Models of each family compute what the reference computes from the same files.</summary>
[Collection(OneProcessTorch.Name)]
public sealed class ReferenceTests
{
    public static TheoryData<string> Models => TinyModel.Names;

    [Theory]
    [MemberData(nameof(Models))]
    public async Task The_logits_are_the_references(string model)
    {
        using var weights = await LoadAsync(model);
        using var scope = NewDisposeScope();
        using var decoder = new Decoder(weights);
        foreach (var expected in TinyModel.Cases(model))
            TinyModel.AssertLogits(expected!["last_logits"]!, TinyModel.LastLogits(decoder, TinyModel.Tokens(expected["ids"]!)));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task The_logits_with_a_PEFT_adapter_are_the_references(string model)
    {
        using var weights = await LoadAsync(model);
        using var scope = NewDisposeScope();
        using var adapter = await PeftFolder.LoadAsync(Path.Combine(TinyModel.Folder(model), "adapter"), weights);
        using var decoder = new Decoder(weights, adapter);
        foreach (var expected in TinyModel.Cases(model))
            TinyModel.AssertLogits(expected!["adapter_last_logits"]!, TinyModel.LastLogits(decoder, TinyModel.Tokens(expected["ids"]!)));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task The_log_probabilities_of_a_text_are_the_references(string model)
    {
        using var weights = await LoadAsync(model);
        using var scope = NewDisposeScope();
        using var decoder = new Decoder(weights);
        var cases = TinyModel.Cases(model);
        // All texts in one batch: the first token is the prompt, the rest its continuation.
        var batch = new SharedPrefixBatch([.. cases.Select(expected =>
        {
            var tokens = TinyModel.Tokens(expected!["ids"]!).Select(token => (int)token).ToArray();
            return (tokens[..1], (IReadOnlyList<int[]>)[tokens[1..]]);
        })]);

        var (logProbabilities, targets) = batch.Score(decoder, 1, dropout: null);

        var expectations = cases.SelectMany(expected => expected!["token_logprobs"]!.AsArray()).Select(value => (double)value!);
        var actual = logProbabilities.gather(1, targets).squeeze(1).data<float>().ToArray().Select(value => (double)value);
        Assert.Equal(expectations, actual, (a, b) => Math.Abs(a - b) < 1e-4);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Greedy_decoding_through_the_cache_writes_what_the_reference_writes(string model)
    {
        using var weights = await LoadAsync(model);
        using var scope = NewDisposeScope();
        using var untracked = no_grad();
        using var decoder = new Decoder(weights);
        foreach (var expected in TinyModel.Cases(model))
            Assert.Equal(TinyModel.Tokens(expected!["greedy"]!), Write(decoder, TinyModel.Tokens(expected["ids"]!), expected["greedy"]!.AsArray().Count));
    }

    [Fact]
    public async Task In_bfloat16_the_logits_are_near_and_the_cache_changes_nothing()
    {
        using var scope = NewDisposeScope();
        using var untracked = no_grad();
        using var weights = await LoadAsync("llama-tiny", ScalarType.BFloat16);
        using var decoder = new Decoder(weights);
        foreach (var expected in TinyModel.Cases("llama-tiny"))
        {
            var tokens = TinyModel.Tokens(expected!["ids"]!);
            var logits = TinyModel.LastLogits(decoder, tokens);
            // Eight bits of mantissa, and logits of up to about 4.
            TinyModel.AssertLogits(expected["last_logits"]!, logits, tolerance: 0.15);
            Assert.Equal(Write(decoder, tokens, 1)[0], logits.argmax().item<long>());
        }
    }

    private static List<long> Write(Decoder decoder, long[] tokens, int count)
    {
        using var cache = new KeyValueCache(decoder.Config, 1, tokens.Length + count, CPU, decoder.Type);
        var row = decoder.Forward(tensor(tokens, [1, tokens.Length]), arange(tokens.Length, int64).unsqueeze(0), cache: cache)[^1];
        var written = new List<long>();
        for (var i = 0; i < count; i++)
        {
            written.Add(decoder.Logits(row).argmax().item<long>());
            var position = (long)tokens.Length + i;
            row = decoder.Forward(tensor(written[^1]).view(1, 1), tensor(position).view(1, 1), zeros(1, 1, 1, position + 1), cache)[0];
        }

        return written;
    }

    private static async Task<DecoderWeights> LoadAsync(string model, ScalarType type = ScalarType.Float32) =>
        await (await HuggingFaceFolder.OpenAsync(TinyModel.Folder(model))).LoadAsync(type, CPU);
}
