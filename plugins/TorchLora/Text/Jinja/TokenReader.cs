namespace CoreSrl.Plugins.TorchLora.Jinja;

/// <summary>Goes through the tokens of a template, one after the other.</summary>
internal sealed class TokenReader(IReadOnlyList<Token> tokens)
{
    private int _place;

    public Token Current => tokens[_place];

    public int Line => Current.Line;

    public Token Take() => Current.Kind == TokenKind.End ? Current : tokens[_place++];

    public bool IsSign(string sign) => Current.Kind == TokenKind.Sign && Current.Text == sign;

    public bool IsName(string name) => Current.Kind == TokenKind.Name && Current.Text == name;

    /// <summary>Whether the name behind the current token is this one.</summary>
    public bool IsNextName(string name) => Current.Kind != TokenKind.End && tokens[_place + 1] is { Kind: TokenKind.Name } next && next.Text == name;

    public bool TrySign(string sign) => Try(IsSign(sign));

    public bool TryName(string name) => Try(IsName(name));

    public void ExpectSign(string sign)
    {
        if (!TrySign(sign))
            throw Unexpected($"'{sign}'");
    }

    public void ExpectName(string name)
    {
        if (!TryName(name))
            throw Unexpected($"'{name}'");
    }

    public string ExpectAnyName() => Expect(TokenKind.Name, "a name").Text;

    public Token Expect(TokenKind kind, string what) => Current.Kind == kind ? Take() : throw Unexpected(what);

    public JinjaException Unexpected(string wanted) => new(Line, $"{Current} stands where {wanted} should");

    private bool Try(bool isThere)
    {
        if (isThere)
            Take();
        return isThere;
    }
}
