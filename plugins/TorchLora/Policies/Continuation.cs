using CoreSrl.Torch;
using static TorchSharp.torch;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>Texts that the decoder goes on with, all of them at once, one token after the other. It remembers what it has read of them;
/// the steps may run on different threads, one at a time, each without gradients and in a scope that takes what it returns.</summary>
internal sealed class Continuation : IDisposable
{
    private readonly Decoder _decoder;
    private readonly int[][] _texts;
    private readonly int _longest;
    private readonly KeyValueCache _cache;
    private readonly Tensor _unseen;
    private int _steps;

    /// <summary>Makes room.</summary>
    /// <param name="decoder">What goes on.</param>
    /// <param name="texts">The tokens of each text, at least one.</param>
    /// <param name="maxTokens">The most tokens that are written to each, at least 1.</param>
    public Continuation(Decoder decoder, int[][] texts, int maxTokens)
    {
        _decoder = decoder;
        _texts = texts;
        _longest = texts.Max(tokens => tokens.Length);
        _cache = new(decoder.Config, texts.Length, _longest + maxTokens - 1, decoder.Device, decoder.Type);
        // Of the shorter texts' columns, those behind their end are never seen.
        var unseen = new float[texts.Length * _cache.Columns];
        for (var i = 0; i < texts.Length; i++)
            unseen.AsSpan((int)(i * _cache.Columns) + texts[i].Length, _longest - texts[i].Length).Fill(float.NegativeInfinity);
        _unseen = tensor(unseen, [texts.Length, 1, 1, _cache.Columns], device: decoder.Device).DetachFromDisposeScope();
    }

    /// <summary>Reads the texts and returns the logits of each one's next token: float32[texts, vocabulary].</summary>
    public Tensor Begin()
    {
        var tokens = new long[_texts.Length * _longest];
        var positions = new long[_texts.Length * _longest];
        var last = new long[_texts.Length];
        for (var i = 0; i < _texts.Length; i++)
        {
            for (var j = 0; j < _texts[i].Length; j++)
            {
                tokens[(i * _longest) + j] = _texts[i][j];
                positions[(i * _longest) + j] = j;
            }

            last[i] = (i * _longest) + _texts[i].Length - 1;
        }

        long[] shape = [_texts.Length, _longest];
        return _decoder.Logits(_decoder.Forward(
            tensor(tokens, shape, device: _decoder.Device),
            tensor(positions, shape, device: _decoder.Device),
            cache: _cache,
            rows: tensor(last, device: _decoder.Device)));
    }

    /// <summary>Writes one more token to each text and returns the logits of the next.</summary>
    public Tensor Next(IEnumerable<int> tokens)
    {
        long[] shape = [_texts.Length, 1];
        var positions = tensor([.. _texts.Select(text => (long)text.Length + _steps)], shape, device: _decoder.Device);
        _steps++;
        return _decoder.Logits(_decoder.Forward(
            tensor([.. tokens.Select(token => (long)token)], shape, device: _decoder.Device), positions, _unseen.narrow(3, 0, _cache.Length + 1), _cache));
    }

    public void Dispose()
    {
        _cache.Dispose();
        _unseen.Dispose();
    }
}
