namespace CoreSrl.Plugins.TorchLora;

/// <summary>Turns text into token ids and back.</summary>
public interface ITokenizer
{
    /// <summary>A short name, recorded with the model: <c>bytes</c>, <c>byte-pairs</c>.</summary>
    string Name { get; }

    /// <summary>The number of tokens; ids are 0 and up.</summary>
    int VocabularySize { get; }

    /// <summary>The token that stands before every prompt; null for none.</summary>
    int? BeginOfText { get; }

    /// <summary>The first of the tokens that end a text; null for none.</summary>
    int? EndOfText { get; }

    /// <summary>The tokens of a text. What is written in it like a special token is one.</summary>
    int[] Encode(string text);

    /// <summary>The bytes of UTF-8 that a token stands for, perhaps a part of a character; none for a special one.</summary>
    ReadOnlySpan<byte> BytesOf(int token);

    /// <summary>Whether an answer ends with this token.</summary>
    bool EndsAnswer(int token);
}
