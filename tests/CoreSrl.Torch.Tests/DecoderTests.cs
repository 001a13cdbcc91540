using static TorchSharp.torch;

namespace CoreSrl.Torch.Tests;

[Collection(OneProcessTorch.Name)]
public sealed class DecoderTests
{
    private static readonly DecoderConfig Small = new()
    {
        VocabularySize = 50,
        HiddenSize = 16,
        Layers = 2,
        Heads = 4,
        KeyValueHeads = 2,
        HeadDim = 4,
        IntermediateSize = 24,
    };

    [Fact]
    public void Weights_are_all_there_of_their_shapes_and_of_one_type()
    {
        using var scope = NewDisposeScope();
        var shapes = DecoderWeights.Shapes(Small);
        List<(string Name, Tensor Tensor)> Right() => [.. shapes.Select(shape => (shape.Name, zeros(shape.Shape, bfloat16)))];
        DecoderWeights.Create(Small, Right()).Dispose();

        string Refuse(string name, Tensor tensor)
        {
            var tensors = Right();
            tensors[2] = (name, tensor);
            return Assert.Throws<ArgumentException>(() => DecoderWeights.Create(Small, tensors)).Message;
        }

        const string third = "model.layers.0.self_attn.q_proj.weight";
        const string expected = $"{third}[16, 16], float32 or bfloat16 as all the others, was expected instead of ";
        Assert.StartsWith($"{expected}{third}[16, 16], Float32.", Refuse(third, zeros(16, 16)), StringComparison.Ordinal);
        Assert.StartsWith($"{expected}{third}[8, 16], BFloat16.", Refuse(third, zeros(new long[] { 8, 16 }, bfloat16)), StringComparison.Ordinal);
        Assert.StartsWith($"{expected}other[16, 16], BFloat16.", Refuse("other", zeros(new long[] { 16, 16 }, bfloat16)), StringComparison.Ordinal);
        Assert.StartsWith("lm_head.weight is missing.", Assert.Throws<ArgumentException>(() => DecoderWeights.Create(Small, Right().SkipLast(1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RmsNorm_divides_by_the_root_mean_square()
    {
        using var scope = NewDisposeScope();
        var norm = new RmsNorm(tensor(new[] { 1f, 2f }), epsilon: 0.5);

        var y = norm.Forward(tensor(new[] { 3f, 4f }, [1, 2]));

        // mean(9, 16) + 0.5 = 13
        Assert.Equal([3 / Math.Sqrt(13), 8 / Math.Sqrt(13)], y.data<float>().ToArray().Select(value => (double)value), Near);
    }

    [Fact]
    public void Rotary_embedding_turns_pairs_of_halves_by_the_position()
    {
        using var scope = NewDisposeScope();
        using var rotary = new RotaryEmbedding(headDim: 4, theta: 100, CPU);
        var heads = tensor(new[] { 1f, 2f, 3f, 4f }, [1, 1, 1, 4]);

        var turned = RotaryEmbedding.Rotate(heads, rotary.At(tensor(new[] { 5L }, [1, 1])));

        // Pairs (1, 3) by 5 · 1 and (2, 4) by 5 · 100^(-1/2).
        double[] expected =
        [
            (1 * Math.Cos(5)) - (3 * Math.Sin(5)), (2 * Math.Cos(0.5)) - (4 * Math.Sin(0.5)),
            (3 * Math.Cos(5)) + (1 * Math.Sin(5)), (4 * Math.Cos(0.5)) + (2 * Math.Sin(0.5)),
        ];
        Assert.Equal(expected, turned.data<float>().ToArray().Select(value => (double)value), Near);
    }

    [Fact]
    public void Reading_token_by_token_through_the_cache_gives_the_logits_of_reading_all_at_once()
    {
        using var scope = NewDisposeScope();
        using var untracked = no_grad();
        using var weights = DecoderWeights.Random(Small, 3, CPU);
        using var decoder = new Decoder(weights);
        var tokens = tensor(Enumerable.Range(0, 14).Select(i => (long)(i * 7 % 50)).ToArray(), [2, 7]);
        var positions = arange(7, int64).expand(2, 7);
        var whole = decoder.Logits(decoder.Forward(tokens, positions)).view(2, 7, 50);

        using var cache = new KeyValueCache(Small, 2, 7, CPU);
        var first = decoder.Logits(decoder.Forward(tokens[.., ..3], positions[.., ..3], cache: cache)).view(2, 3, 50);
        AssertClose(whole[.., ..3], first, 1e-5);
        for (var i = 3; i < 7; i++)
        {
            var next = decoder.Forward(tokens[.., i..(i + 1)], positions[.., i..(i + 1)], zeros(2, 1, 1, i + 1), cache);
            AssertClose(whole[.., i], decoder.Logits(next), 1e-5);
        }
    }

    [Fact]
    public void Rows_asked_for_are_those_of_the_whole()
    {
        using var scope = NewDisposeScope();
        using var untracked = no_grad();
        using var weights = DecoderWeights.Random(Small, 3, CPU);
        using var decoder = new Decoder(weights);
        var tokens = tensor(Enumerable.Range(0, 14).Select(i => (long)(i * 7 % 50)).ToArray(), [2, 7]);
        var positions = arange(7, int64).expand(2, 7);
        var rows = tensor(new[] { 13L, 4, 4 });
        AssertClose(decoder.Forward(tokens, positions).index_select(0, rows), decoder.Forward(tokens, positions, rows: rows), 1e-5);
    }

    [Fact]
    public void A_later_token_does_not_change_an_earlier_ones_logits()
    {
        using var scope = NewDisposeScope();
        using var weights = DecoderWeights.Random(Small, 3, CPU);
        using var decoder = new Decoder(weights);
        var positions = arange(4, int64).unsqueeze(0);
        var one = decoder.Forward(tensor(new[] { 1L, 2, 3, 4 }, [1, 4]), positions);
        var other = decoder.Forward(tensor(new[] { 1L, 2, 3, 40 }, [1, 4]), positions);

        AssertClose(one[..3], other[..3], 0);
        Assert.True(one[3].sub(other[3]).abs().max().item<float>() > 0.01);
    }

    [Fact]
    public void Continuations_that_share_a_prompt_score_as_if_each_stood_alone()
    {
        using var scope = NewDisposeScope();
        using var weights = DecoderWeights.Random(Small, 4, CPU);
        using var decoder = new Decoder(weights);
        (int[] Prompt, int[][] Continuations)[] texts =
        [
            ([1, 2, 3, 4, 5], [[6, 7, 8], [6, 9], [10]]),
            ([11], [[12], [13, 14, 15, 16]]),
            ([20, 21, 22], [[23, 24]]),
        ];

        var batch = new SharedPrefixBatch([.. texts.Select(text => (text.Prompt, (IReadOnlyList<int[]>)text.Continuations))]);
        var (logProbabilities, targets) = batch.Score(decoder, temperature: 1.5, dropout: null);
        var shared = logProbabilities.gather(1, targets).squeeze(1).data<float>().ToArray();

        var alone = new List<float>();
        foreach (var (prompt, continuations) in texts)
        {
            foreach (var continuation in continuations)
            {
                long[] all = [.. prompt.Concat(continuation).Select(token => (long)token)];
                var hidden = decoder.Forward(tensor(all, [1, all.Length]), arange(all.Length, int64).unsqueeze(0));
                var each = decoder.Logits(hidden).div(1.5).log_softmax(-1);
                alone.AddRange(continuation.Select((token, i) => each[prompt.Length + i - 1, token].item<float>()));
            }
        }

        Assert.Equal(batch.TokenCount, alone.Count);
        Assert.Equal(alone.Select(value => (double)value), shared.Select(value => (double)value), Near);
    }

    [Fact]
    public void Equal_seeds_give_equal_weights_and_others_give_others()
    {
        using var one = DecoderWeights.Random(Small, 5, CPU);
        using var same = DecoderWeights.Random(Small, 5, CPU);
        using var other = DecoderWeights.Random(Small, 6, CPU);
        const string Name = "model.layers.1.mlp.up_proj.weight";

        Assert.Equal(one[Name].data<float>().ToArray(), same[Name].data<float>().ToArray());
        Assert.NotEqual(one[Name].data<float>().ToArray(), other[Name].data<float>().ToArray());
    }

    [Fact]
    public void Projections_start_with_the_standard_deviation_that_keeps_variance()
    {
        using var scope = NewDisposeScope();
        var values = SeededFill.Normal([400, 100], 0.1, 7, CPU);

        Assert.InRange(values.mean().item<float>(), -0.002, 0.002);
        Assert.InRange(values.std().item<float>(), 0.099, 0.101);
    }

    internal static bool Near(double expected, double actual) => Math.Abs(expected - actual) < 1e-5;

    internal static void AssertClose(Tensor expected, Tensor actual, double tolerance) =>
        Assert.InRange(expected.sub(actual).abs().max().item<float>(), 0, tolerance);
}
