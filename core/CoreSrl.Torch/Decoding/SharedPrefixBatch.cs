using static TorchSharp.torch;

namespace CoreSrl.Torch;

/// <summary>
/// Prompts, each with any number of continuations, laid out so that one forward pass scores every continuation and reads every prompt
/// once: a row is a prompt followed by its continuations, each of which sees the prompt and itself and takes the positions that it
/// would have alone.
/// </summary>
/// <remarks>A continuation's last token is predicted but never read, so one of a single token adds nothing to its row.</remarks>
public sealed class SharedPrefixBatch
{
    private const int Prompt = 0;
    private const int Padding = -1;

    private readonly int _rows;
    private readonly int _length;
    private readonly long[] _tokens;
    private readonly long[] _positions;
    private readonly int[] _segments;
    private readonly bool _plain;
    private readonly long[] _sources;
    private readonly long[] _targets;

    /// <summary>Lays the rows out.</summary>
    /// <param name="prompts">The prompts' tokens, each with at least one, and their continuations, each with at least one token.</param>
    public SharedPrefixBatch(IReadOnlyList<(int[] Tokens, IReadOnlyList<int[]> Continuations)> prompts)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        _rows = prompts.Count;
        _length = prompts.Max(prompt => prompt.Tokens.Length + prompt.Continuations.Sum(tokens => tokens.Length - 1));
        _tokens = new long[_rows * _length];
        _positions = new long[_rows * _length];
        _segments = new int[_rows * _length];
        _plain = prompts.All(prompt => prompt.Continuations.All(tokens => tokens.Length == 1));
        Array.Fill(_segments, Padding);
        var sources = new List<long>();
        var targets = new List<long>();
        for (var row = 0; row < _rows; row++)
        {
            var (prompt, continuations) = prompts[row];
            var column = row * _length;
            foreach (var token in prompt)
                Put(ref column, token, column - (row * _length), Prompt);
            var last = column - 1;
            for (var i = 0; i < continuations.Count; i++)
            {
                var tokens = continuations[i];
                for (var j = 0; j < tokens.Length; j++)
                {
                    sources.Add(j == 0 ? last : column - 1);
                    targets.Add(tokens[j]);
                    if (j < tokens.Length - 1)
                        Put(ref column, tokens[j], prompt.Length + j, i + 1);
                }
            }
        }

        _sources = [.. sources];
        _targets = [.. targets];
    }

    /// <summary>The number of continuation tokens, M.</summary>
    public int TokenCount => _targets.Length;

    /// <summary>
    /// The log-probabilities over the vocabulary at every continuation token, float32[M, vocabulary], in the order of the prompts, of
    /// each one's continuations, and of their tokens; and the index of the token that stands there, int64[M, 1].
    /// </summary>
    /// <param name="decoder">The model.</param>
    /// <param name="temperature">Divides the logits; above 0.</param>
    /// <param name="dropout">Draws what LoRA drops; null drops nothing.</param>
    public (Tensor LogProbabilities, Tensor Targets) Score(Decoder decoder, double temperature, Generator? dropout)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        var device = decoder.Device;
        var hidden = decoder.Forward(
            tensor(_tokens, [_rows, _length], device: device),
            tensor(_positions, [_rows, _length], device: device),
            _plain ? null : Mask(device),
            dropout: dropout);
        var logits = decoder.Logits(hidden.index_select(0, tensor(_sources, device: device)));
        if (temperature != 1)
            logits = logits.div(temperature);
        return (logits.log_softmax(-1), tensor(_targets, [_targets.Length, 1], device: device));
    }

    // A token sees the prompt and its own continuation up to itself. Padding sees itself too, so that no row of scores is all -∞.
    private Tensor Mask(Device device)
    {
        var segments = tensor(_segments, [_rows, _length], device: device);
        var (to, from) = (segments.unsqueeze(2), segments.unsqueeze(1));
        var hidden = from.ne(to).logical_and_(from.ne(Prompt));
        var later = ones([_length, _length], @bool, device).triu(1);
        return zeros([_rows, _length, _length], float32, device)
            .masked_fill_(hidden.logical_or_(later), float.NegativeInfinity).unsqueeze(1);
    }

    private void Put(ref int column, int token, int position, int segment)
    {
        _tokens[column] = token;
        _positions[column] = position;
        _segments[column] = segment;
        column++;
    }
}
