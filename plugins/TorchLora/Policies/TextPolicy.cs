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

    private readonly TokenDistribution _distribution = new(options.Temperature, options.Truncation());
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
        var policy = _distribution.Truncation.Apply(logProbabilities, targets);
        return (policy.gather(1, targets).squeeze(1), Entropy(pass.EntropyLearns ? policy : policy.detach()));
    }

    private static Tensor Entropy(Tensor policy) => policy.exp().mul(policy).sum(-1).neg();

    private ModelResponse[] Write(ModelRequest[] requests)
    {
        using var scope = NewDisposeScope();
        using var untracked = no_grad();
        var texts = Array.ConvertAll(requests, request => prompts.Encode(request.Observation.Prompt));
        var answers = Array.ConvertAll(requests, request => new Answer(request.Seed, prompts.Tokenizer, _stops));
        using var continuation = new Continuation(decoder, texts, options.MaxTokens);
        _distribution.Append(continuation.Begin(), answers);
        for (var step = 1; step < options.MaxTokens && !answers.All(answer => answer.Ended); step++)
        {
            using var inner = NewDisposeScope();
            _distribution.Append(continuation.Next(answers.Select(answer => answer.LastToken)), answers);
        }

        return Array.ConvertAll(answers, answer => answer.ToResponse());
    }
}
