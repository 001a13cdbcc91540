using System.Text;
using Microsoft.ML.Tokenizers;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>The byte-level byte-pair encoding of a Hugging Face model.</summary>
/// <remarks>Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword Units", arXiv:1508.07909; over bytes: Radford
/// et al. 2019, "Language Models are Unsupervised Multitask Learners", section 2.2.</remarks>
internal sealed class BytePairTokenizer : ITokenizer
{
    private readonly BpeTokenizer _tokenizer;
    private readonly TokenizerDescription _description;
    private readonly List<int> _ends;

    /// <summary>Puts a tokenizer together.</summary>
    /// <param name="description">What the model's files say.</param>
    /// <param name="ends">The tokens that end an answer.</param>
    public BytePairTokenizer(TokenizerDescription description, IEnumerable<int> ends)
    {
        _description = description;
        _ends = [.. ends];
        var added = description.AddedTokens.ToDictionary(token => token.Key, token => token.Value.Id);
        _tokenizer = BpeTokenizer.Create(new BpeOptions(description.Vocabulary.Concat(added).DistinctBy(entry => entry.Key))
        {
            Merges = description.Merges,
            SpecialTokens = added,
            ByteLevel = true,
            Normalizer = description.IsNormalized ? new NfcNormalizer() : null,
            PreTokenizer = new WordSplitter(description.Pattern, added.Keys),
        });
    }

    /// <inheritdoc/>
    public string Name => "byte-pairs";

    /// <inheritdoc/>
    public int VocabularySize => _description.VocabularySize;

    /// <inheritdoc/>
    public int? BeginOfText => _description.BeginOfText;

    /// <inheritdoc/>
    public int? EndOfText => _ends.Count > 0 ? _ends[0] : null;

    /// <inheritdoc/>
    public int[] Encode(string text) => _description.TakesWholeWords ? EncodeWords(text) : [.. _tokenizer.EncodeToIds(text)];

    /// <inheritdoc/>
    public ReadOnlySpan<byte> BytesOf(int token) => _description.BytesOf(token);

    /// <inheritdoc/>
    public bool EndsAnswer(int token) => _ends.Contains(token);

    private int[] EncodeWords(string text)
    {
        var normal = _tokenizer.Normalizer?.Normalize(text) ?? text;
        var tokens = new List<int>();
        foreach (var (offset, length) in _tokenizer.PreTokenizer!.PreTokenize(normal))
        {
            var word = normal.Substring(offset, length);
            if (_description.AddedTokens.TryGetValue(word, out var added))
                tokens.Add(added.Id);
            else if (_description.Vocabulary.TryGetValue(ByteLetters.Of(Encoding.UTF8.GetBytes(word)), out var whole))
                tokens.Add(whole);
            else
                tokens.AddRange(_tokenizer.EncodeToIds(word, considerPreTokenization: false, considerNormalization: false));
        }

        return [.. tokens];
    }
}
