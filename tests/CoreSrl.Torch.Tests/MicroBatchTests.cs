using CoreSrl.Abstractions;
using CoreSrl.Plugins.TorchLora;
using static TorchSharp.torch;

namespace CoreSrl.Torch.Tests;

/// <summary>What goes through the network at once is bounded by the number of answers, and by the memory that their tokens' logits take.</summary>
[Collection(OneProcessTorch.Name)]
public sealed class MicroBatchTests
{
    [Theory]
    [InlineData(258, 3, "32 32 32 32 32 32 32", "3 3 1")] // Small vocabularies: by the number of answers alone.
    [InlineData(1 << 20, 64, "32 32 32 32 32", "2 2 1")] // 2^26 logits are those of 64 tokens.
    [InlineData(1 << 20, 64, "1 62 1 1 63 64 1 1", "3 2 1 2")]
    [InlineData(1 << 20, 64, "70 1 70", "1 1 1")] // One answer that is too long is alone.
    [InlineData(1 << 20, 2, "1 1 1 1 1", "2 2 1")]
    public void Free_answers_are_parted_in_order(int vocabulary, int most, string lengths, string parts)
    {
        var options = new TorchLoraOptions { MicroBatchSize = most, HiddenSize = 2, Layers = 1, Heads = 1, HeadDim = 2, IntermediateSize = 2 };
        using var weights = DecoderWeights.Random(options.Decoder(vocabulary), 1, CPU);
        using var decoder = new Decoder(weights);
        var policy = new TextPolicy(decoder, new PromptEncoder(new ByteTokenizer(), new() { ContextLength = 8 }), options);
        var experiences = lengths.Split(' ').Select(int.Parse).Select((length, i) =>
            new Experience(new($"Question {i}"), new("", [.. new int[length]], [.. new float[length]], 0), 0, 0)).ToList();
        var batches = policy.MicroBatches(experiences).ToList();
        Assert.Equal(parts, string.Join(' ', batches.Select(batch => batch.Count)));
        Assert.Equal(experiences, batches.SelectMany(batch => batch));
    }
}
