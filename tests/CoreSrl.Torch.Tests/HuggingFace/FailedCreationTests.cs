using System.Text.Json.Nodes;
using CoreSrl.Plugins.TorchLora;
using TorchSharp;

namespace CoreSrl.Torch.Tests.HuggingFace;

/// <summary>A model that cannot be created leaves nothing behind, however far it came.</summary>
[Collection(OneProcessTorch.Name)]
public sealed class FailedCreationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("core-srl-").FullName;

    public FailedCreationTests()
    {
        foreach (var file in Directory.GetFiles(TinyModel.Folder("qwen3-tiny")))
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task An_adapter_that_does_not_fit_into_memory_leaves_no_base()
    {
        await Assert.ThrowsAnyAsync<Exception>(() => Models.CreateAsync(options: new() { Path = _folder, LoraRank = 2_000_000_000 }));
        AssertNotLoaded();
    }

    [Fact]
    public async Task A_tokenizer_that_cannot_be_used_is_told_before_weights_are_loaded()
    {
        var file = Path.Combine(_folder, "tokenizer.json");
        var json = JsonNode.Parse(await File.ReadAllTextAsync(file))!;
        json["model"]!["merges"]!.AsArray().Add("zz qq");
        await File.WriteAllTextAsync(file, json.ToJsonString());
        var before = torch.Tensor.TotalCount;
        await Assert.ThrowsAnyAsync<Exception>(() => Models.CreateAsync(options: new() { Path = _folder }));
        Assert.Equal(before, torch.Tensor.TotalCount);
        AssertNotLoaded();
    }

    [Fact]
    public async Task A_token_that_the_weights_have_no_row_for_is_refused()
    {
        var file = Path.Combine(_folder, "tokenizer.json");
        var json = JsonNode.Parse(await File.ReadAllTextAsync(file))!;
        json["added_tokens"]!.AsArray().Add(JsonNode.Parse("""{ "id": 417, "content": "<think>" }"""));
        await File.WriteAllTextAsync(file, json.ToJsonString());
        var error = await Assert.ThrowsAsync<TokenizerException>(() => Models.CreateAsync(options: new() { Path = _folder }));
        Assert.Equal($"{_folder}: its tokenizer has tokens up to 417, and its weights rows up to 416. Fetch the model anew.", error.Message);
    }

    [Fact]
    public void What_was_made_before_it_failed_goes()
    {
        var before = torch.Tensor.TotalCount;
        var options = new TorchLoraOptions();
        var whole = ModelBase.Random(options, 1, torch.CPU) with { Tokenizer = new Nameless() };
        var adapter = new LoraAdapter(options.Lora(), whole.Weights, 1);
        Assert.Throws<NotSupportedException>(() => new TorchLoraModel(options, new("model_0", 1, Threads: 1), whole, adapter, torch.CPU));
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    private void AssertNotLoaded() =>
        Assert.DoesNotContain(File.ReadAllLines("/proc/self/maps"), line => line.Contains(_folder, StringComparison.Ordinal));

    // The description, which is made last, asks for it.
    private sealed class Nameless : ITokenizer
    {
        public string Name => throw new NotSupportedException();

        public int VocabularySize => 1;

        public int? BeginOfText => null;

        public int? EndOfText => null;

        public int[] Encode(string text) => [];

        public ReadOnlySpan<byte> BytesOf(int token) => [];

        public bool EndsAnswer(int token) => false;
    }
}
