using System.Runtime.CompilerServices;
using CoreSrl.Abstractions;

namespace CoreSrl.Testing.Tests.Backends;

/// <summary>A table that converses: two words, drawn as in play.</summary>
internal class TalkingModel(ModelContext context) : TableModel(context), IChatModel
{
    public virtual async IAsyncEnumerable<ChatPiece> ChatAsync(ChatRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        yield return new(Word(request, 0));
        cancellationToken.ThrowIfCancellationRequested();
        yield return new(Word(request, 1), new(true, request.Turns.Count, 2));
    }

    protected string Word(ChatRequest request, int place) => $"{Answer(new(request.Turns[^1].Content), request.Seed + (ulong)place).Text} ";
}

/// <summary>Says who it is.</summary>
internal sealed class SignsItsAnswers(ModelContext context) : TalkingModel(context)
{
    private readonly Guid _self = Guid.NewGuid();

    public override async IAsyncEnumerable<ChatPiece> ChatAsync(ChatRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var piece in base.ChatAsync(request, cancellationToken))
            yield return piece with { Text = $"{piece.Text}{_self}" };
    }
}

/// <summary>Ends with every piece.</summary>
internal sealed class EndsAlways(ModelContext context) : TalkingModel(context)
{
    public override async IAsyncEnumerable<ChatPiece> ChatAsync(ChatRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var piece in base.ChatAsync(request, cancellationToken))
            yield return piece with { End = new(true, 1, 1) };
    }
}

/// <summary>Counts what it says in a tensor.</summary>
internal sealed class CountsItsWords(ModelContext context) : TalkingModel(context)
{
    public override IAsyncEnumerable<ChatPiece> ChatAsync(ChatRequest request, CancellationToken cancellationToken)
    {
        Momentum.Floats[0] += 1;
        return base.ChatAsync(request, cancellationToken);
    }
}

/// <summary>Remembers how far it was, and forgets it with the last piece alone.</summary>
internal sealed class GoesOnWhereItWas(ModelContext context) : TalkingModel(context)
{
    private int _place;

    public override async IAsyncEnumerable<ChatPiece> ChatAsync(ChatRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        while (_place < 2)
        {
            var place = _place++;
            yield return new(Word(request, place), place == 1 ? new(true, request.Turns.Count, 2) : null);
        }

        _place = 0;
    }
}
