using System.ComponentModel.DataAnnotations;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CoreSrl.Abstractions;
using CoreSrl.Plugins.TorchLora;

namespace CoreSrl.Torch.Tests.HuggingFace;

/// <summary>A pretrained model plays and learns like a random one, and those of one folder have their weights once.</summary>
[Collection(OneProcessTorch.Name)]
public sealed class PretrainedModelTests
{
    private static readonly Observation Choice = new("What is 12 + 30? The answer is", " 42", " 41");
    private static readonly Observation Free = new("The models play a game.");

    public static TheoryData<string, string?> Kinds => new() { { "qwen3-tied-tiny", null }, { "qwen2-tiny", null }, { "llama-tiny", null }, { "llama-tiny", "float32" } };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task It_learns_to_choose_and_its_base_stays_as_it_is(string name, string? type)
    {
        await using var model = await CreateAsync(name, type);
        Assert.Equal(name[..name.IndexOf('-', StringComparison.Ordinal)], model.Description.Kind);
        var before = model.Digest(TensorPart.Frozen);
        var first = await model.TrainOnceAsync(0, 0, Choice);
        for (var update = 1; update <= 60; update++)
            await model.TrainOnceAsync(update, 0.002, Choice);
        var last = await model.TrainOnceAsync(61, 0, Choice);
        Assert.True(last > 0.9 && first < 0.9, $"It chose right {first:P0} of the time before and {last:P0} after it.");
        Assert.Equal(before, model.Digest(TensorPart.Frozen));
    }

    [Fact]
    public async Task An_untrained_one_writes_what_the_base_writes()
    {
        // The coldest that the options allow is not quite greedy: of the reference's tokens, those that are far ahead come first.
        await using var model = await CreateAsync("qwen3-tiny", null, new() { ChatTemplate = "none", Temperature = 0.01, MaxTokens = 12 });
        var expected = TinyModel.Cases("qwen3-tiny")[0]!;
        Assert.Equal(Free.Prompt, (string)expected["text"]!);
        var answer = (await model.ActAsync([new(Free, 1)], default))[0];
        Assert.Equal(TinyModel.Tokens(expected["greedy"]!), answer.Actions.Select(token => (long)token));
    }

    [Fact]
    public async Task Models_of_one_folder_share_their_weights_until_the_last_has_gone()
    {
        var one = await CreateAsync("qwen3-tiny", null);
        var two = await CreateAsync("qwen3-tiny", null);
        await using var wide = await CreateAsync("qwen3-tiny", "bfloat16");
        Assert.True(SharesWeights(one, two));
        Assert.False(SharesWeights(one, wide));
        await one.DisposeAsync();
        Assert.NotEmpty((await two.ActAsync([new(Free, 1)], default))[0].Text);
        await two.DisposeAsync();
        Assert.Equal(TensorType.BFloat16, wide.Tensors.First(tensor => tensor.Part == TensorPart.Frozen).Info.Type);
        await using var again = await CreateAsync("qwen3-tiny", null);
        Assert.NotEmpty((await again.ActAsync([new(Free, 1)], default))[0].Text);
    }

    [Fact]
    public async Task Eight_adapters_learn_side_by_side_on_one_base_as_each_would_alone()
    {
        const int count = 8;
        var options = new TorchLoraOptions { Path = TinyModel.Folder("qwen3-tiny"), MaxTokens = 4, LoraDropout = 0.1 };
        var models = new List<TorchLoraModel>();
        for (var i = 0; i < count; i++)
            models.Add(await Models.CreateAsync((ulong)i, options, $"model_{i}"));
        Assert.All(models, model => Assert.True(SharesWeights(models[0], model)));
        var frozen = models[0].Digest(TensorPart.Frozen);

        await Task.WhenAll(models.Select((model, i) => Task.Run(() => model.TrainOnceAsync(i, 0.01, Choice, Free))));

        var learned = models.ConvertAll(model => model.Digest(TensorPart.Adapter));
        Assert.Equal(count, learned.Distinct().Count());
        Assert.Equal(frozen, models[0].Digest(TensorPart.Frozen));
        foreach (var model in models)
            await model.DisposeAsync();
        for (var i = 0; i < count; i++)
        {
            await using var alone = await Models.CreateAsync((ulong)i, options, $"model_{i}");
            await alone.TrainOnceAsync(i, 0.01, Choice, Free);
            Assert.Equal(learned[i], alone.Digest(TensorPart.Adapter));
        }
    }

    [Fact]
    public async Task One_folder_is_one_however_it_is_spelled()
    {
        var links = Directory.CreateTempSubdirectory("core-srl-").FullName;
        try
        {
            Directory.CreateSymbolicLink(Path.Combine(links, "fixtures"), Path.GetDirectoryName(TinyModel.Folder("qwen3-tiny"))!);
            Directory.CreateSymbolicLink(Path.Combine(links, "model"), Path.Combine(links, "fixtures", "qwen3-tiny"));
            await using var one = await CreateAsync("qwen3-tiny", null);
            foreach (var path in new[] { "qwen3-tiny/", Path.Combine(links, "fixtures", "qwen3-tiny"), Path.Combine(links, "model"), Path.Combine(links, "model/") })
            {
                await using var two = await CreateAsync(path, null);
                Assert.True(SharesWeights(one, two), path);
            }
        }
        finally
        {
            Directory.Delete(links, recursive: true);
        }
    }

    [Fact]
    public async Task One_that_is_disposed_of_twice_leaves_the_others_their_weights()
    {
        var one = await CreateAsync("qwen3-tiny", null);
        await using var two = await CreateAsync("qwen3-tiny", null);
        await one.DisposeAsync();
        await one.DisposeAsync();
        Assert.NotEmpty((await two.ActAsync([new(Free, 1)], default))[0].Text);
    }

    [Fact]
    public async Task A_folder_that_is_none_is_told_and_can_be_tried_again()
    {
        await Assert.ThrowsAsync<Formats.CheckpointFormatException>(() => CreateAsync("nowhere", null));
        await using var model = await CreateAsync("qwen3-tiny", null);
    }

    [Theory]
    [InlineData(null, "float32", 32, "Type is for a pretrained model, and there is no Path to one.")]
    [InlineData("model", "int4", 32, "The Type field does not equal any of the values specified in AllowedValuesAttribute.")]
    [InlineData("model", null, 64, "HiddenSize is for a random model, and with Path the model's own config.json says what it is like: leave out one or the other.")]
    public void Options_that_contradict_each_other_are_refused(string? path, string? type, int hidden, string problem)
    {
        var options = new TorchLoraOptions { Path = path, Type = type, HiddenSize = hidden };
        var problems = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true);
        Assert.Equal([problem], problems.Select(result => result.ErrorMessage));
    }

    private static bool SharesWeights(TorchLoraModel one, TorchLoraModel other) =>
        Unsafe.AreSame(ref MemoryMarshal.GetReference(FirstBytes(one)), ref MemoryMarshal.GetReference(FirstBytes(other)));

    private static Span<byte> FirstBytes(TorchLoraModel model)
    {
        Assert.True(model.Tensors.First(tensor => tensor.Part == TensorPart.Frozen).TryGetMemory(0, 1, out var memory));
        return memory.Span;
    }

    private static Task<TorchLoraModel> CreateAsync(string name, string? type, TorchLoraOptions? options = null) =>
        Models.CreateAsync(options: (options ?? new() { MaxTokens = 4 }) with { Path = TinyModel.Folder(name), Type = type });
}
