using CoreSrl.Abstractions;
using CoreSrl.Torch;
using static TorchSharp.torch;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>
/// Answers with one of the choices: a choice's score is the log-probability of its tokens after the prompt (their mean or sum), and
/// the policy is the softmax of the scores over the temperature. Equal questions are scored once.
/// </summary>
internal sealed class ChoicePolicy(Decoder decoder, PromptEncoder prompts, TorchLoraOptions options) : IPolicy
{
    // Stands in for a choice that a question lacks: finite, so that 0 · log 0 is 0, and far below any score.
    private const float Absent = -1e9f;

    public int LongestAnswer => 1;

    public IReadOnlyList<ModelResponse> Act(IReadOnlyList<ModelRequest> requests)
    {
        var responses = new ModelResponse[requests.Count];
        var groups = requests.Index().GroupBy(entry => KeyOf(entry.Item.Observation));
        foreach (var chunk in groups.Chunk(options.MicroBatchSize))
        {
            using var scope = NewDisposeScope();
            using var untracked = no_grad();
            var policy = LogProbabilities([.. chunk.Select(group => group.First().Item.Observation)], dropout: null);
            var width = (int)policy.shape[1];
            var values = policy.cpu().data<float>().ToArray();
            for (var i = 0; i < chunk.Length; i++)
            {
                foreach (var (index, request) in chunk[i])
                {
                    var choices = request.Observation.Choices;
                    responses[index] = Answer(request, values.AsSpan(i * width, choices.Length));
                }
            }
        }

        return responses;
    }

    public IEnumerable<IReadOnlyList<Experience>> MicroBatches(IEnumerable<Experience> experiences) =>
        experiences.GroupBy(experience => KeyOf(experience.Observation))
            .Chunk(options.MicroBatchSize)
            .Select(groups => groups.SelectMany(group => group).ToList());

    public (Tensor LogProbability, Tensor Entropy) Evaluate(IReadOnlyList<Experience> experiences, LearningPass pass)
    {
        var rows = new Dictionary<string, int>();
        var questions = new List<Observation>();
        var row = new long[experiences.Count];
        for (var i = 0; i < row.Length; i++)
        {
            var key = KeyOf(experiences[i].Observation);
            if (!rows.TryGetValue(key, out var known))
            {
                rows.Add(key, known = questions.Count);
                questions.Add(experiences[i].Observation);
            }

            row[i] = known;
        }

        var policy = LogProbabilities(questions, pass.Dropout, pass.Tape);
        var width = policy.shape[1];
        var chosen = experiences.Select((experience, i) => (row[i] * width) + experience.Response.Actions[0]).ToArray();
        var entropy = policy.exp().mul(policy).sum(-1).neg();
        return (
            policy.reshape(-1).index_select(0, tensor(chosen, device: decoder.Device)),
            entropy.index_select(0, tensor(row, device: decoder.Device)));
    }

    // float32[questions, most choices]
    private Tensor LogProbabilities(List<Observation> questions, Generator? dropout, LayerTape? tape = null)
    {
        var encoded = questions.Select(question =>
            (prompts.Encode(question.Prompt), (IReadOnlyList<int[]>)[.. question.Choices.Select(prompts.Tokenizer.Encode)])).ToArray();
        var (logProbabilities, targets) = new SharedPrefixBatch(encoded).Score(decoder, 1, dropout, tape);
        var tokens = logProbabilities.gather(1, targets).squeeze(1);

        // Every choice's tokens side by side, with a 0 (appended at the end) where it has no more of them.
        var width = questions.Max(question => question.Choices.Length);
        var longest = encoded.Max(question => question.Item2.Max(choice => choice.Length));
        var places = new long[questions.Count * width * longest];
        var scale = new float[questions.Count * width];
        var offset = new float[questions.Count * width];
        Array.Fill(places, tokens.shape[0]);
        Array.Fill(offset, Absent);
        var token = 0;
        for (var i = 0; i < encoded.Length; i++)
        {
            for (var j = 0; j < encoded[i].Item2.Count; j++)
            {
                var length = encoded[i].Item2[j].Length;
                var choice = (i * width) + j;
                for (var k = 0; k < length; k++)
                    places[(choice * longest) + k] = token++;
                scale[choice] = (float)(1 / (options.Temperature * (options.NormalizeChoiceLength ? length : 1)));
                offset[choice] = 0;
            }
        }

        long[] shape = [questions.Count, width];
        return cat([tokens, zeros(1, float32, decoder.Device)])
            .index_select(0, tensor(places, device: decoder.Device)).view([.. shape, longest]).sum(-1)
            .mul(tensor(scale, shape, device: decoder.Device))
            .add(tensor(offset, shape, device: decoder.Device), Number.One)
            .log_softmax(-1);
    }

    private static ModelResponse Answer(ModelRequest request, ReadOnlySpan<float> policy)
    {
        var random = new SeededRandom(request.Seed);
        var choice = Sampling.Draw(policy, ref random);
        return new ModelResponse(request.Observation.Choices[choice], [choice], [policy[choice]], Sampling.Entropy(policy));
    }

    // Lengths keep texts apart that only meet at other places.
    private static string KeyOf(Observation question) =>
        string.Concat(question.Choices.Prepend(question.Prompt).Select(text => $"{text.Length}:{text}"));
}
