using System.Text;
using System.Text.RegularExpressions;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>What a model's files say of its tokens.</summary>
internal sealed class TokenizerDescription
{
    private readonly Dictionary<int, byte[]> _bytes;

    public TokenizerDescription(IReadOnlyDictionary<string, int> vocabulary, IReadOnlyDictionary<string, AddedToken> addedTokens)
    {
        Vocabulary = vocabulary;
        AddedTokens = addedTokens;
        VocabularySize = vocabulary.Values.Concat(addedTokens.Values.Select(token => token.Id)).Max() + 1;
        _bytes = vocabulary.Where(entry => !addedTokens.ContainsKey(entry.Key))
            .Select(entry => (entry.Value, Bytes: ByteLetters.ToBytes(entry.Key))).Where(entry => entry.Bytes is not null)
            .Concat(addedTokens.Where(token => !token.Value.IsSpecial).Select(token => (Value: token.Value.Id, Bytes: (byte[]?)Encoding.UTF8.GetBytes(token.Key))))
            .ToDictionary(entry => entry.Value, entry => entry.Bytes!);
    }

    /// <summary>The tokens, written in <see cref="ByteLetters"/>, and their ids.</summary>
    public IReadOnlyDictionary<string, int> Vocabulary { get; }

    /// <summary>Texts that are one token wherever they stand.</summary>
    public IReadOnlyDictionary<string, AddedToken> AddedTokens { get; }

    /// <summary>One more than the largest id.</summary>
    public int VocabularySize { get; }

    /// <summary>Which neighbours become one, the first ones first: two tokens with a space between.</summary>
    public required IReadOnlyList<string> Merges { get; init; }

    /// <summary>What is cut into tokens by itself.</summary>
    public required Regex Pattern { get; init; }

    /// <summary>Whether texts are brought into form C first.</summary>
    public bool IsNormalized { get; init; }

    /// <summary>Whether a word that is a token needs no merges to become it (<c>ignore_merges</c>, as in Llama 3).</summary>
    public bool TakesWholeWords { get; init; }

    /// <summary>The token that begins every text; null for none.</summary>
    public int? BeginOfText { get; init; }

    /// <summary>The bytes of a token; null when it is a special one, or none.</summary>
    public byte[]? BytesOf(int token) => _bytes.GetValueOrDefault(token);
}

/// <summary>A text that is one token wherever it stands.</summary>
/// <param name="Id">The token.</param>
/// <param name="IsSpecial">Whether it stands for nothing when it is written (<c>&lt;|im_end|&gt;</c>), rather than for its text
/// (<c>&lt;think&gt;</c>).</param>
internal sealed record AddedToken(int Id, bool IsSpecial);
