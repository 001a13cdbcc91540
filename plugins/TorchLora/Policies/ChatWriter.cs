using System.Runtime.CompilerServices;
using CoreSrl.Abstractions;
using CoreSrl.Torch;
using static TorchSharp.torch;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>Answers conversations, in pieces as they are written. With the model's own options it writes what <see cref="TextPolicy"/>
/// writes alone after the same prompt.</summary>
internal sealed class ChatWriter(Decoder decoder, PromptEncoder prompts, TorchLoraOptions options)
{
    public async IAsyncEnumerable<ChatPiece> WriteAsync(ChatRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var prompt = await Task.Run(() => Read(request.Turns), cancellationToken).ConfigureAwait(false);
        // Room is made for all of them at once.
        var most = Math.Min(request.MaxTokens ?? options.MaxTokens, Math.Max(options.MaxTokens, options.ContextLength));
        var answer = new Answer(request.Seed, prompts.Tokenizer, new(request.StopStrings ?? options.StopStrings ?? []));
        using var continuation = new Continuation(decoder, [prompt], most);
        while (true)
        {
            await Task.Run(() => Append(continuation, answer, Distribution(request)), cancellationToken).ConfigureAwait(false);
            var isLast = answer.Ended || answer.Length == most;
            var text = answer.TakeText(isLast);
            if (isLast)
            {
                yield return new(text, new(answer.Ended, prompt.Length, answer.Length));
                yield break;
            }

            if (text.Length > 0)
                yield return new(text);
        }
    }

    private int[] Read(IReadOnlyList<ChatTurn> turns)
    {
        try
        {
            return prompts.Encode(turns);
        }
        catch (ChatTemplateException problem)
        {
            throw new ArgumentException($"The conversation cannot be put into the model's form: {problem.Message}", problem);
        }
    }

    // The coldest, which logits could not be divided by, is a draw from the likeliest token alone.
    private TokenDistribution Distribution(ChatRequest request)
    {
        var truncation = options.Truncation() with { TopP = request.TopP ?? options.TopP };
        return request.Temperature < 0.01
            ? new(1, truncation with { TopK = 1 })
            : new(request.Temperature ?? options.Temperature, truncation);
    }

    private static void Append(Continuation continuation, Answer answer, TokenDistribution distribution)
    {
        using var scope = NewDisposeScope();
        using var untracked = no_grad();
        distribution.Append(answer.Length == 0 ? continuation.Begin() : continuation.Next([answer.LastToken]), [answer]);
    }
}
