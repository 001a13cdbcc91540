namespace CoreSrl.Plugins.TorchLora;

/// <summary>Turns text into token ids and back.</summary>
public interface ITokenizer
{
    /// <summary>A short name, recorded with the model: <c>bytes</c>.</summary>
    string Name { get; }

    /// <summary>The number of tokens; ids are 0 and up.</summary>
    int VocabularySize { get; }

    /// <summary>The token that stands before every prompt.</summary>
    int BeginOfText { get; }

    /// <summary>The tokens of a text, without special ones.</summary>
    int[] Encode(string text);

    /// <summary>The text of tokens; special ones stand for nothing.</summary>
    string Decode(ReadOnlySpan<int> tokens);

    /// <summary>Whether an answer ends with this token: the end of text, or a line's.</summary>
    bool EndsAnswer(int token);
}
