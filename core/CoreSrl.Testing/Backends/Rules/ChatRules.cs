using System.Text;
using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>Conversing, for models that can.</summary>
internal static class ChatRules
{
    private static readonly ChatTurn[] Turns = [new("system", "Be brief."), new("user", "What do you choose?"), new("assistant", "Nothing."), new("user", "Choose! ")];

    public static IEnumerable<Rule<BackendTrial>> All { get; } =
    [
        new("chats-alike", "The same conversation gets the same answer, from the same model and from another of the same context.", AlikeAsync),
        new("chats-have-one-end", "The last piece of an answer, and no other, says how it ended.", HaveOneEndAsync),
        new("chats-change-nothing", "Conversing changes no tensor and no state.", ChangeNothingAsync),
        new("chats-can-be-left", "An answer that is not read to its end changes none that follows.", CanBeLeftAsync),
    ];

    private static async Task AlikeAsync(BackendTrial trial)
    {
        var (model, twin) = await trial.TwinsAsync().ConfigureAwait(false);
        if (model is not IChatModel one || twin is not IChatModel other)
            return;
        for (var i = 0; i < 4; i++)
        {
            var request = Request(trial, i);
            var first = await ReadAsync(one, request).ConfigureAwait(false);
            trial.ExpectSame(first, await ReadAsync(one, request).ConfigureAwait(false), "the same model's answer when asked again");
            trial.ExpectSame(first, await ReadAsync(other, request).ConfigureAwait(false), "the answer of another model of the same context");
        }
    }

    private static async Task HaveOneEndAsync(BackendTrial trial)
    {
        if (await trial.CreateModelAsync(trial.Seed()).ConfigureAwait(false) is not IChatModel model)
            return;
        for (var i = 0; i < 4; i++)
        {
            var pieces = new List<ChatPiece>();
            await foreach (var piece in model.ChatAsync(Request(trial, i), default).ConfigureAwait(false))
                pieces.Add(piece);
            trial.Expect(pieces is [.., { End: not null }], "a last piece with an end", pieces.Count == 0 ? "there was no piece" : "it had none");
            trial.ExpectSame(1, pieces.Count(piece => piece.End is not null), "the number of pieces with an end");
            trial.Expect(
                pieces[^1].End is { PromptTokens: >= 0, AnswerTokens: >= 0 }, "an end with numbers of tokens that are not negative", $"it was {pieces[^1].End}");
        }
    }

    private static async Task ChangeNothingAsync(BackendTrial trial)
    {
        if (await trial.CreateModelAsync(trial.Seed()).ConfigureAwait(false) is not IChatModel model)
            return;
        await trial.TrainAsync(model).ConfigureAwait(false);
        var before = ModelBits.Of(model);
        for (var i = 0; i < 4; i++)
            await ReadAsync(model, Request(trial, i)).ConfigureAwait(false);
        trial.ExpectBits(before, ModelBits.Of(model), "a model that has conversed");
    }

    private static async Task CanBeLeftAsync(BackendTrial trial)
    {
        if (await trial.CreateModelAsync(trial.Seed()).ConfigureAwait(false) is not IChatModel model)
            return;
        for (var i = 0; i < 4; i++)
        {
            var request = Request(trial, i);
            var whole = await ReadAsync(model, request).ConfigureAwait(false);
            await foreach (var _ in model.ChatAsync(Request(trial, i), default).ConfigureAwait(false))
                break;
            trial.ExpectSame(whole, await ReadAsync(model, request).ConfigureAwait(false), "the answer after another was left");
        }
    }

    private static ChatRequest Request(BackendTrial trial, int i) => i == 0
        ? new([Turns[1]], trial.Seed())
        : new(Turns, trial.Seed()) { Temperature = i == 1 ? null : 1.5, TopP = i == 2 ? 0.9 : null, MaxTokens = 8, StopStrings = i == 3 ? ["\n", "END"] : null };

    private static async Task<string> ReadAsync(IChatModel model, ChatRequest request)
    {
        var text = new StringBuilder();
        await foreach (var piece in model.ChatAsync(request, default).ConfigureAwait(false))
            text.Append(piece.Text);
        return text.ToString();
    }
}
