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
    private readonly int _rows;
    private readonly int _length;
    private readonly long[] _tokens;
    private readonly long[] _positions;
    private readonly int[] _promptLengths;
    private readonly int[] _starts; // the column at which a token's continuation begins
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
        _promptLengths = [.. prompts.Select(prompt => prompt.Tokens.Length)];
        _starts = [.. Enumerable.Range(0, _rows * _length).Select(column => column % _length)];
        _plain = prompts.All(prompt => prompt.Continuations.All(tokens => tokens.Length == 1));
        var sources = new List<long>();
        var targets = new List<long>();
        for (var row = 0; row < _rows; row++)
        {
            var (prompt, continuations) = prompts[row];
            var begin = row * _length;
            for (var i = 0; i < prompt.Length; i++)
                Put(begin + i, prompt[i], position: i, start: 0);
            var column = prompt.Length;
            foreach (var tokens in continuations)
            {
                var start = column;
                for (var i = 0; i < tokens.Length; i++)
                {
                    sources.Add(begin + (i == 0 ? prompt.Length : column) - 1);
                    targets.Add(tokens[i]);
                    if (i < tokens.Length - 1)
                        Put(begin + column++, tokens[i], prompt.Length + i, start);
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
    /// <param name="tape">Goes back through the layers with less memory; null for autograd's way.</param>
    public (Tensor LogProbabilities, Tensor Targets) Score(Decoder decoder, double temperature, Generator? dropout, LayerTape? tape = null)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        var device = decoder.Device;
        var hidden = decoder.Forward(
            tensor(_tokens, [_rows, _length], device: device),
            tensor(_positions, [_rows, _length], device: device),
            _plain ? null : Mask(device),
            dropout: dropout,
            rows: tensor(_sources, device: device),
            tape: tape);
        var logits = decoder.Logits(hidden);
        if (temperature != 1)
            logits = logits.div(Number.Of(temperature));
        return (logits.log_softmax(-1), tensor(_targets, [_targets.Length, 1], device: device));
    }

    // A token sees the prompt and its own continuation, up to itself. Padding sees itself, so that no row of scores is all -∞.
    private Tensor Mask(Device device)
    {
        var mask = new float[(long)_rows * _length * _length];
        Array.Fill(mask, float.NegativeInfinity);
        for (var token = 0; token < _tokens.Length; token++)
        {
            var seen = mask.AsSpan(token * _length, _length);
            var column = token % _length;
            seen[..Math.Min(column + 1, _promptLengths[token / _length])].Clear();
            seen[_starts[token]..(column + 1)].Clear();
        }

        return tensor(mask, [_rows, 1, _length, _length], device: device);
    }

    private void Put(int place, int token, int position, int start)
    {
        _tokens[place] = token;
        _positions[place] = position;
        _starts[place] = start;
    }
}
