using System.ComponentModel.DataAnnotations;
using CoreSrl.Plugins.TorchLora;

namespace CoreSrl.Torch.Tests;

[Collection(OneProcessTorch.Name)]
public sealed class TorchLoraOptionsTests
{
    [Fact]
    public void The_defaults_are_valid() => Assert.Empty(Problems(new()));

    [Fact]
    public void Heads_that_do_not_divide_are_refused_with_both_numbers() => Assert.Equal(
        ["Heads is 3, which is no multiple of KeyValueHeads, 2: every key-value head serves equally many heads."],
        Problems(new() { Heads = 3, KeyValueHeads = 2 }));

    [Fact]
    public void An_unknown_target_module_is_refused_with_the_known_ones() => Assert.Equal(
        ["TargetModules names qproj, which is none of q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj."],
        Problems(new() { TargetModules = ["q_proj", "qproj"] }));

    [Fact]
    public void An_unknown_device_is_refused() => Assert.Equal(
        ["Device is gpu but must be cpu, cuda or cuda: and a number."], Problems(new() { Device = "gpu" }));

    [Fact]
    public void An_odd_head_and_numbers_out_of_range_are_refused()
    {
        Assert.Contains("HeadDim is 5", Assert.Single(Problems(new() { HeadDim = 5 })), StringComparison.Ordinal);
        Assert.Contains("LoraDropout", Assert.Single(Problems(new() { LoraDropout = 1 })), StringComparison.Ordinal);
        Assert.Contains("Temperature", Assert.Single(Problems(new() { Temperature = 0 })), StringComparison.Ordinal);
        Assert.Contains("TargetModules", Assert.Single(Problems(new() { TargetModules = [] })), StringComparison.Ordinal);
    }

    [Fact]
    public void Generation_options_out_of_range_are_refused_by_name()
    {
        Assert.Equal(
            [
                "The field TopK must be between 1 and 16777216.",
                "The field TopP must be between 0 exclusive and 1.",
                "The field MinP must be between 0 and 1.",
                "The field StopStrings must be a string or array type with a minimum length of '1'.",
            ],
            Problems(new() { TopK = 0, TopP = 0, MinP = 1.5, StopStrings = [] }));
        Assert.Equal(
            ["StopStrings holds an empty text, before which every answer would end."], Problems(new() { StopStrings = ["stop", ""] }));
    }

    [Theory]
    [InlineData("q_proj")]
    [InlineData("q_proj=")]
    [InlineData("=8")]
    [InlineData("q_proj=0")]
    [InlineData("q_proj=2.5")]
    [InlineData("(=8")]
    public void A_rank_of_modules_that_is_not_understood_is_refused(string pattern) => Assert.Equal(
        [$"LoraRankPattern holds '{pattern}', which is not like q_proj=16, with a rank from 1 to 4096."],
        Problems(new() { LoraRankPattern = ["v_proj=4", pattern] }));

    [Fact]
    public void An_alpha_of_modules_that_is_not_understood_is_refused() => Assert.Equal(
        ["LoraAlphaPattern holds 'q_proj=NaN', which is not like q_proj=32, with an alpha above 0 and up to 1000000."],
        Problems(new() { LoraAlphaPattern = ["q_proj=NaN", @"layers\.[0-3]\.mlp\.(?=up).*=0.5"] }));

    [Fact]
    public void Options_of_a_new_adapter_beside_one_that_is_there_are_refused_by_name() => Assert.Equal(
        ["LoraRank, LoraRankPattern, LoraRankStabilized are for a new adapter, and with Adapter its own adapter_config.json says what it is like: leave out one or the other."],
        Problems(new() { Adapter = "adapter", LoraRank = 4, LoraRankPattern = ["q_proj=4"], LoraRankStabilized = true }));

    [Fact]
    public async Task A_device_that_is_not_there_is_an_error_that_says_what_to_do()
    {
        var problem = await Assert.ThrowsAsync<InvalidOperationException>(() => Models.CreateAsync(options: new() { Device = "cuda:99" }));
        Assert.StartsWith("Device is cuda:99, but torch sees ", problem.Message, StringComparison.Ordinal);
    }

    private static string[] Problems(TorchLoraOptions options)
    {
        var problems = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true);
        return [.. problems.Select(problem => problem.ErrorMessage!)];
    }
}
