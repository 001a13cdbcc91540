using System.Runtime.InteropServices;
using System.Text;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>One answer as it grows. Its tokens depend on its own seed alone.</summary>
internal sealed class Answer(ulong seed, ITokenizer tokenizer, StopStrings stops)
{
    private readonly List<int> _tokens = [];
    private readonly List<float> _logProbabilities = [];
    private readonly List<byte> _text = [];
    private readonly Decoder _characters = Encoding.UTF8.GetDecoder();
    private SeededRandom _random = new(seed);
    private double _entropy;
    private int _taken;

    public bool Ended { get; private set; }

    public int LastToken => _tokens[^1];

    public int Length => _tokens.Count;

    /// <summary>Draws one more token, unless it has ended.</summary>
    /// <param name="policy">The log-probability of every token.</param>
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

    /// <summary>What is new since the last time: whole characters, that no stop string can take back. Together they are the answer's
    /// text.</summary>
    /// <param name="isLast">Whether nothing more comes.</param>
    public string TakeText(bool isLast)
    {
        var text = CollectionsMarshal.AsSpan(_text);
        var fresh = text[_taken..Math.Max(_taken, text.Length - (isLast ? 0 : stops.OpenAtEnd(text)))];
        _taken += fresh.Length;
        var characters = new char[_characters.GetCharCount(fresh, isLast)];
        _characters.GetChars(fresh, characters, isLast);
        return new(characters);
    }

    public ModelResponse ToResponse() =>
        new(Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(_text)), [.. _tokens], [.. _logProbabilities], _entropy / _tokens.Count);

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
