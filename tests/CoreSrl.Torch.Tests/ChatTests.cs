using CoreSrl.Abstractions;
using CoreSrl.Plugins.TorchLora;
using CoreSrl.Torch.Tests.HuggingFace;

namespace CoreSrl.Torch.Tests;

/// <summary>A model converses in pieces, and writes what it writes when it plays.</summary>
[Collection(OneProcessTorch.Name)]
public sealed class ChatTests
{
    private static readonly TorchLoraOptions Pretrained = new() { Path = TinyModel.Folder("qwen3-tiny"), MaxTokens = 40 };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_pieces_are_the_answer_that_it_gives_in_play(bool isPretrained)
    {
        await using var model = await Models.CreateAsync(options: isPretrained ? Pretrained : new() { MaxTokens = 40 });
        await model.TrainOnceAsync(0, 0.05, new Observation("What is it?"));
        var played = await model.ActAsync([.. Enumerable.Range(0, 10).Select(seed => new ModelRequest(new("What is it?"), (ulong)seed))], default);
        for (var seed = 0; seed < played.Count; seed++)
        {
            var pieces = await AnswerAsync(model, Request("What is it?", (ulong)seed));
            Assert.Equal(played[seed].Text, TextOf(pieces));
            Assert.All(pieces[..^1], piece => Assert.True(piece is { End: null, Text.Length: > 0 }));
            Assert.Equal(played[seed].Actions.Length, pieces[^1].End!.AnswerTokens);
        }
    }

    [Fact]
    public async Task Half_a_character_and_what_may_be_a_stop_string_are_held_back()
    {
        await using var model = await Models.CreateAsync(options: Pretrained);
        var whole = TextOf(await AnswerAsync(model, Request("Hi", 3)));
        var stop = whole.Substring(whole.Length / 2, 4);
        var pieces = await AnswerAsync(model, Request("Hi", 3) with { StopStrings = [stop, "not there"] });
        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], TextOf(pieces));
        Assert.True(pieces[^1].End!.IsComplete);
    }

    [Fact]
    public async Task The_coldest_writes_the_likeliest_whatever_the_seed()
    {
        await using var model = await Models.CreateAsync(options: Pretrained with { ChatTemplate = "none", Type = "float32" });
        var expected = TinyModel.Cases("qwen3-tiny")[0]!;
        var greedy = TinyModel.Tokens(expected["greedy"]!).Select(token => (int)token).ToArray();
        var tokenizer = new BytePairTokenizer(TokenizerFile.Read(TinyModel.Folder("qwen3-tiny")), []);
        foreach (var seed in new ulong[] { 1, 2 })
        {
            var pieces = await AnswerAsync(model, Request((string)expected["text"]!, seed) with { Temperature = 0, MaxTokens = greedy.Length });
            Assert.Equal(tokenizer.Decode(greedy), TextOf(pieces));
        }
    }

    [Fact]
    public async Task It_ends_where_it_may_write_no_more()
    {
        await using var model = await Models.CreateAsync(options: Pretrained);
        var end = (await AnswerAsync(model, Request("Hi", 3) with { MaxTokens = 3 }))[^1].End!;
        Assert.Equal((false, 3), (end.IsComplete, end.AnswerTokens));
        Assert.Equal(new PromptEncoder(new BytePairTokenizer(TokenizerFile.Read(TinyModel.Folder("qwen3-tiny")), []), Pretrained).Encode("Hi").Length, end.PromptTokens);
    }

    [Fact]
    public async Task Without_a_template_what_was_said_stands_in_lines()
    {
        await using var model = await Models.CreateAsync();
        var request = new ChatRequest([new("user", "a"), new("assistant", "b"), new("user", "c")], 5);
        Assert.Equal((await model.ActAsync([new(new("a\nb\nc"), 5)], default))[0].Text, TextOf(await AnswerAsync(model, request)));
    }

    [Fact]
    public async Task What_cannot_be_answered_is_told_before_anything_is_written()
    {
        await using var model = await Models.CreateAsync(options: new() { ContextLength = 8 });
        var problem = await Assert.ThrowsAsync<ArgumentException>(() => AnswerAsync(model, Request("much too long", 1)));
        Assert.StartsWith("The conversation takes 13 tokens, and the model reads 8 at most (its ContextLength).", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_waits_for_the_rest_of_one_that_is_cancelled()
    {
        await using var model = await Models.CreateAsync(options: Pretrained);
        using var cancellation = new CancellationTokenSource();
        var pieces = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in model.ChatAsync(Request("Hi", 3), cancellation.Token))
            {
                pieces++;
                await cancellation.CancelAsync();
            }
        });
        Assert.Equal(1, pieces);
        Assert.NotEmpty(TextOf(await AnswerAsync(model, Request("Hi", 3))));
    }

    private static ChatRequest Request(string text, ulong seed) => new([new("user", text)], seed);

    private static async Task<ChatPiece[]> AnswerAsync(TorchLoraModel model, ChatRequest request)
    {
        var pieces = new List<ChatPiece>();
        await foreach (var piece in model.ChatAsync(request, default))
            pieces.Add(piece);
        Assert.NotNull(pieces[^1].End);
        return [.. pieces];
    }

    private static string TextOf(IEnumerable<ChatPiece> pieces) => string.Concat(pieces.Select(piece => piece.Text));
}
