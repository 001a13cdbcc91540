using System.Runtime.InteropServices;
using CoreSrl.Abstractions;
using CoreSrl.Torch;
using static TorchSharp.torch;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>Answers with free text, one sampled token after the other. The actions are the token ids, the one that ends the answer
/// included.</summary>
/// <remarks>What a sequence is depends on its own prompt and seed, and on its neighbours only through the rounding of sums, whose order
/// follows the size of the batch: in float32 it hardly ever tips a draw, in bfloat16 it sometimes does.</remarks>
internal sealed class TextPolicy(Decoder decoder, PromptEncoder prompts, TorchLoraOptions options) : IPolicy
{
    // Of one micro-batch: 256 MiB, held several times over until its gradients are there.
    private const long MostLogits = 1 << 26;

    private readonly Truncation _truncation = options.Truncation();
    private readonly StopStrings _stops = new(options.StopStrings ?? []);

    public int LongestAnswer => options.MaxTokens;

    public IReadOnlyList<ModelResponse> Act(IReadOnlyList<ModelRequest> requests) =>
        [.. requests.Chunk(options.MicroBatchSize).SelectMany(Write)];

    public IEnumerable<IReadOnlyList<Experience>> MicroBatches(IEnumerable<Experience> experiences)
    {
        var (batch, logits) = (new List<Experience>(), 0L);
        foreach (var experience in experiences)
        {
            var more = (long)experience.Response.Actions.Length * decoder.Config.VocabularySize;
            if (batch.Count == options.MicroBatchSize || (batch.Count > 0 && logits + more > MostLogits))
            {
                yield return batch;
                (batch, logits) = ([], 0);
            }

            batch.Add(experience);
            logits += more;
        }

        if (batch.Count > 0)
            yield return batch;
    }

    public (Tensor LogProbability, Tensor Entropy) Evaluate(IReadOnlyList<Experience> experiences, LearningPass pass)
    {
        var texts = experiences.Select(experience =>
            (prompts.Encode(experience.Observation.Prompt), (IReadOnlyList<int[]>)[[.. experience.Response.Actions]])).ToArray();
        var (logProbabilities, targets) = new SharedPrefixBatch(texts).Score(decoder, options.Temperature, pass.Dropout, pass.Tape);
        var policy = _truncation.Apply(logProbabilities, targets);
        return (policy.gather(1, targets).squeeze(1), Entropy(pass.EntropyLearns ? policy : policy.detach()));
    }

    private static Tensor Entropy(Tensor policy) => policy.exp().mul(policy).sum(-1).neg();

    private ModelResponse[] Write(ModelRequest[] requests)
    {
        using var scope = NewDisposeScope();
        using var untracked = no_grad();
        var texts = Array.ConvertAll(requests, request => prompts.Encode(request.Observation.Prompt));
        var longest = texts.Max(tokens => tokens.Length);
        var answers = Array.ConvertAll(requests, request => new Answer(request.Seed, prompts.Tokenizer, _stops));
        using var cache = new KeyValueCache(decoder.Config, requests.Length, longest + options.MaxTokens - 1, decoder.Device, decoder.Type);

        var policy = Read(texts, longest, cache);
        // Of the shorter prompts' columns, those behind their end are never seen.
        var unseen = new float[requests.Length * cache.Columns];
        for (var i = 0; i < requests.Length; i++)
            unseen.AsSpan((int)(i * cache.Columns) + texts[i].Length, longest - texts[i].Length).Fill(float.NegativeInfinity);
        var mask = tensor(unseen, [requests.Length, 1, 1, cache.Columns], device: decoder.Device);

        for (var step = 0; ; step++)
        {
            for (var i = 0; i < answers.Length; i++)
                answers[i].Append(policy.AsSpan(i * decoder.Config.VocabularySize, decoder.Config.VocabularySize));
            if (step == options.MaxTokens - 1 || answers.All(answer => answer.Ended))
                break;
            using var inner = NewDisposeScope();
            var tokens = tensor([.. answers.Select(answer => (long)answer.LastToken)], [requests.Length, 1], device: decoder.Device);
            var positions = tensor([.. texts.Select(text => (long)text.Length + step)], [requests.Length, 1], device: decoder.Device);
            policy = Policy(decoder.Forward(tokens, positions, mask.narrow(3, 0, cache.Length + 1), cache));
        }

        return Array.ConvertAll(answers, answer => answer.ToResponse());
    }

    // Fills the cache with the prompts and returns the distributions of the first tokens.
    private float[] Read(int[][] texts, int longest, KeyValueCache cache)
    {
        var tokens = new long[texts.Length * longest];
        var positions = new long[texts.Length * longest];
        var last = new long[texts.Length];
        for (var i = 0; i < texts.Length; i++)
        {
            for (var j = 0; j < texts[i].Length; j++)
            {
                tokens[(i * longest) + j] = texts[i][j];
                positions[(i * longest) + j] = j;
            }

            last[i] = (i * longest) + texts[i].Length - 1;
        }

        long[] shape = [texts.Length, longest];
        var hidden = decoder.Forward(
            tensor(tokens, shape, device: decoder.Device),
            tensor(positions, shape, device: decoder.Device),
            cache: cache,
            rows: tensor(last, device: decoder.Device));
        return Policy(hidden);
    }

    private float[] Policy(Tensor rows) =>
        _truncation.Apply(decoder.Logits(rows).div(Number.Of(options.Temperature)).log_softmax(-1)).cpu().data<float>().ToArray();

    /// <summary>One answer as it grows. Its tokens depend on its own seed alone.</summary>
    private sealed class Answer(ulong seed, ITokenizer tokenizer, StopStrings stops)
    {
        private readonly List<int> _tokens = [];
        private readonly List<float> _logProbabilities = [];
        private readonly List<byte> _text = [];
        private SeededRandom _random = new(seed);
        private double _entropy;

        public bool Ended { get; private set; }

        public int LastToken => _tokens[^1];

        public void Append(ReadOnlySpan<float> policy)
        {
            if (Ended)
                return;
            var token = Sampling.Draw(policy, ref _random);
            _tokens.Add(token);
            _logProbabilities.Add(policy[token]);
            _entropy += Sampling.Entropy(policy);
            Ended = tokenizer.EndsAnswer(token) || Write(tokenizer.BytesOf(token));
        }

        public ModelResponse ToResponse() =>
            new(System.Text.Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(_text)), [.. _tokens], [.. _logProbabilities], _entropy / _tokens.Count);

        // Whether that ends the answer.
        private bool Write(ReadOnlySpan<byte> bytes)
        {
            _text.AddRange(bytes);
            if (stops.FindIn(CollectionsMarshal.AsSpan(_text), bytes.Length) is not { } start)
                return false;
            _text.RemoveRange(start, _text.Count - start);
            return true;
        }
    }
}
