using CoreSrl.Plugins.TorchLora;
using CoreSrl.Testing;

namespace CoreSrl.Torch.Tests;

/// <summary>What every backend promises.</summary>
[Collection(OneProcessTorch.Name)]
public sealed class TorchLoraConformanceTests
{
    private static readonly TorchLoraOptions Small = new()
    {
        HiddenSize = 16,
        Layers = 1,
        HeadDim = 8,
        IntermediateSize = 32,
        LoraRank = 4,
        LoraDropout = 0.1,
        WeightDecay = 0.01,
        MaxTokens = 8,
    };

    private static readonly BackendConformanceOptions Options = new() { LiveTensors = () => TorchSharp.torch.Tensor.TotalCount };

    public static TheoryData<string> Rules => [.. BackendConformance.Rules.Select(rule => rule.Name)];

    [Theory]
    [MemberData(nameof(Rules))]
    public Task Torch_lora_keeps_the_rule(string rule) => new BackendConformance(() => new TorchLoraBackend(Small), Options).CheckAsync(rule);

    [Theory]
    [MemberData(nameof(Rules))]
    public Task Torch_lora_of_one_base_keeps_the_rule(string rule) => new BackendConformance(() => new TorchLoraBackend(Small with { BaseSeed = 7, MicroBatchSize = 3 }), Options with { Steps = 80 }).CheckAsync(rule);

    [Theory]
    [MemberData(nameof(Rules))]
    public Task Torch_lora_that_writes_likelier_tokens_alone_keeps_the_rule(string rule) =>
        new BackendConformance(() => new TorchLoraBackend(Small with { TopK = 100, TopP = 0.9, MinP = 0.02, StopStrings = ["a", "th"] }), Options with { Steps = 80 }).CheckAsync(rule);

    [Theory]
    [MemberData(nameof(Rules))]
    public Task Torch_lora_of_one_folder_keeps_the_rule(string rule) =>
        new BackendConformance(() => new TorchLoraBackend(new() { Path = HuggingFace.TinyModel.Folder("qwen3-tied-tiny"), LoraRank = 4, MaxTokens = 4 }), Options with { Steps = 80 }).CheckAsync(rule);
}
