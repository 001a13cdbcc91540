using System.Text;
using System.Text.RegularExpressions;
using CoreSrl.Abstractions;
using CoreSrl.Plugins.TorchLora;
using CoreSrl.Torch.Tests.HuggingFace;
using CsCheck;

namespace CoreSrl.Torch.Tests;

/// <summary>How free text is written: from which tokens, and up to where.</summary>
[Collection(OneProcessTorch.Name)]
public sealed partial class GenerationTests
{
    private static readonly Observation Free = new("Say something: ");

    // A random model is torn between about as many tokens as there are, so a cut must be deep to matter.
    private static readonly TorchLoraOptions Cut = new() { ChatTemplate = "none", TopK = 40, TopP = 0.9, MinP = 0.05, MaxTokens = 24 };

    [Theory]
    [InlineData(null)]
    [InlineData("qwen3-tiny")]
    [InlineData("qwen3-tied-tiny")]
    [InlineData("qwen2-tiny")]
    [InlineData("llama-tiny")]
    public async Task A_sequence_is_written_in_company_as_alone(string? folder)
    {
        await using var model = await Models.CreateAsync(options: (folder is null ? Cut : Cut with { Path = TinyModel.Folder(folder), Type = "float32" }) with { StopStrings = ["e", " th"] });
        string[] prompts = ["", "x", "The models play a game.", string.Concat(Enumerable.Repeat("A long story of many words. ", 12)), "Nearly as long a story? No."];
        var requests = Enumerable.Range(0, 40).Select(i => new ModelRequest(new(prompts[i % prompts.Length]), (ulong)i)).ToList();
        var together = await model.ActAsync(requests, default);
        for (var i = 0; i < requests.Count; i++)
        {
            var alone = (await model.ActAsync([requests[i]], default))[0];
            Assert.Equal(alone.Actions.AsEnumerable(), together[i].Actions);
            Assert.Equal(alone.Text, together[i].Text);
            Assert.Equal(alone.LogProbabilities, together[i].LogProbabilities, (a, b) => Math.Abs(a - b) < 1e-4);
        }

        // Not because all are the same.
        Assert.True(together.Select(answer => answer.Text).Distinct().Count() > 10);
    }

    [Theory]
    [InlineData("qwen3-tiny")]
    [InlineData("qwen3-tied-tiny")]
    [InlineData("qwen2-tiny")]
    public async Task The_most_likely_token_alone_is_what_the_reference_writes(string folder)
    {
        foreach (var expected in TinyModel.Cases(folder))
        {
            var greedy = TinyModel.Tokens(expected!["greedy"]!);
            await using var model = await Models.CreateAsync(options: new() { Path = TinyModel.Folder(folder), Type = "float32", ChatTemplate = "none", TopK = 1, MaxTokens = greedy.Length });
            var answer = (await model.ActAsync([new(new((string)expected["text"]!), 1)], default))[0];
            Assert.Equal(greedy, answer.Actions.Select(token => (long)token));
            Assert.Equal((0.0, 0f), (answer.Entropy, answer.LogProbabilities.Min()));
        }
    }

    [Theory]
    [InlineData(2, 1.0, 0.0)]
    [InlineData(40, 0.9, 0.05)]
    [InlineData(null, 0.5, 0.0)]
    [InlineData(null, 1.0, 0.2)]
    public async Task Learning_sees_the_probabilities_of_the_cut_that_playing_recorded(int? topK, double topP, double minP)
    {
        await using var model = await Models.CreateAsync(options: new() { TopK = topK, TopP = topP, MinP = minP, Temperature = 0.8, StopStrings = ["a", "bc"] });
        await model.TrainOnceAsync(0, 0.01, Free);
        var batch = await BatchAsync(model);

        // With A = 1 and the present policy, every ratio is 1, so the mean surrogate is 1 and the entropy that of play.
        var report = await model.ComputeGradientsAsync(batch, 0, default);

        Assert.Equal(-1, report.PolicyLoss, 4);
        Assert.Equal(batch.Experiences.Average(experience => experience.Response.Entropy), report.Entropy, 3);
        Assert.Equal(0, report.ClipFraction);
    }

    [Fact]
    public async Task A_token_that_has_come_to_lie_beyond_the_cut_can_be_learned_again()
    {
        var options = new TorchLoraOptions { MaxTokens = 1 };
        await using var whole = await Models.CreateAsync(options: options);
        await using var model = await Models.CreateAsync(options: options with { TopK = 2 });
        var requests = Enumerable.Range(0, 64).Select(i => new ModelRequest(Free, (ulong)i)).ToList();
        var near = (await model.ActAsync(requests, default)).Select(answer => answer.Actions[0]).ToHashSet();
        Assert.Equal(2, near.Count);
        var beyond = (await whole.ActAsync(requests, default)).Where(answer => !near.Contains(answer.Actions[0]));
        var batch = new LearningBatch([.. beyond.Select(answer => new Experience(Free, answer, 1, 1))], new() { ClipRange = 1e6 }, 0);
        async Task<double> RatioAsync() => -(await model.ComputeGradientsAsync(batch, 0, default)).PolicyLoss;

        var before = await RatioAsync();
        Assert.True(await model.ApplyGradientsAsync(new() { LearningRate = 0.01 }, default) > 0);

        Assert.True(await RatioAsync() is var after && after > before && before > 0, $"The ratio went from {before} to {after}.");
    }

    [Fact]
    public async Task Of_a_single_token_there_is_nothing_to_learn()
    {
        await using var model = await Models.CreateAsync(options: new() { TopK = 1 });
        await model.ComputeGradientsAsync(await BatchAsync(model), 0, default);
        Assert.All(model.Gradients, gradient => Assert.All(gradient.Floats(), value => Assert.Equal(0, value)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("qwen3-tied-tiny")]
    public async Task An_answer_ends_before_a_stop_string_that_spans_tokens_and_keeps_its_tokens(string folder)
    {
        var options = new TorchLoraOptions { Path = folder.Length == 0 ? null : TinyModel.Folder(folder), MaxTokens = 40 };
        await using var free = await Models.CreateAsync(options: options);
        var requests = Enumerable.Range(0, 30).Select(i => new ModelRequest(Free, (ulong)i)).ToList();
        var whole = await free.ActAsync(requests, default);
        // Text out of the middle of an answer, longer than any token of it.
        var told = whole.First(answer => Middle().IsMatch(answer.Text)).Text;
        string[] stops = [Middle().Match(told).Value, "never to be found"];

        await using var stopping = await Models.CreateAsync(options: options with { StopStrings = stops });
        var stopped = await stopping.ActAsync(requests, default);

        Assert.Contains(told[..told.IndexOf(stops[0], StringComparison.Ordinal)], stopped.Select(answer => answer.Text));
        foreach (var (all, cut) in whole.Zip(stopped))
        {
            var at = all.Text.IndexOf(stops[0], StringComparison.Ordinal);
            Assert.Equal(at < 0 ? all.Text : all.Text[..at], cut.Text);
            Assert.Equal(all.Actions.Take(cut.Actions.Length), cut.Actions);
            if (at < 0)
                Assert.Equal(all.Actions.Length, cut.Actions.Length);
        }

        Assert.Contains(whole.Zip(stopped), pair => pair.Second.Actions.Length < pair.First.Actions.Length);
    }

    [Fact]
    public void Stop_strings_are_found_as_soon_as_they_are_there_and_cut_no_character_in_two() =>
        Gen.Select(
            Gen.OneOfConst("a", "b", "ab", "é", "è", "🙂", "🙃", "語", "\n").Array[0, 30],
            Gen.OneOfConst("a", "ab", "aba", "é", "🙂", "🙃b", "語語", "\n\n", "bé").Array[1, 3],
            Gen.Int[1, 5]).Sample(
            (parts, stops, size) =>
            {
                var text = string.Concat(parts);
                var bytes = Encoding.UTF8.GetBytes(text);
                // However the bytes are cut into tokens, the first text that is complete ends it.
                var finder = new StopStrings(stops);
                int? found = null;
                var length = 0;
                while (length < bytes.Length && found is null)
                {
                    var added = Math.Min(size, bytes.Length - length);
                    length += added;
                    found = finder.FindIn(bytes.AsSpan(0, length), added);
                }

                var written = Encoding.UTF8.GetString(bytes.AsSpan(0, found ?? length));
                return found is null
                    ? stops.All(stop => !text.Contains(stop, StringComparison.Ordinal))
                    : text.StartsWith(written, StringComparison.Ordinal) && !written.Contains('\uFFFD')
                        && stops.All(stop => !written.Contains(stop, StringComparison.Ordinal))
                        && stops.Any(stop => text[written.Length..].StartsWith(stop, StringComparison.Ordinal));
            },
            seed: "0N0XIzNsQ0O2",
            iter: 2000);

    [GeneratedRegex(@"(?<=.{3})[ -~]{3}(?=.{6})")]
    private static partial Regex Middle();

    private static async Task<LearningBatch> BatchAsync(TorchLoraModel model)
    {
        var responses = await model.ActAsync([.. Enumerable.Range(0, 6).Select(i => new ModelRequest(Free, (ulong)i))], default);
        return new([.. responses.Select(response => new Experience(Free, response, 1, 1))], new LearningSettings(), 0);
    }
}
