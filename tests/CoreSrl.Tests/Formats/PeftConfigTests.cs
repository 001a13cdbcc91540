using System.Text;
using System.Text.Json.Nodes;
using CoreSrl.Formats.Peft;

namespace CoreSrl.Tests.Formats;

/// <summary>The options of <c>adapter_config.json</c>.</summary>
public sealed class PeftConfigTests
{
    [Fact]
    public async Task Options_that_are_not_there_have_PEFTs_defaults()
    {
        var config = (await new TestAdapter().Open()).Config;

        Assert.Equal((2, 8.0, 0.0, false), (config.Rank, config.Alpha, config.Dropout, config.IsRankStabilized));
        Assert.Null(config.TargetPattern);
        Assert.Empty(config.RankPattern);
        Assert.Empty(config.AlphaPattern);
        Assert.Empty(config.ModulesToSave);
        Assert.Null(config.BaseModel ?? config.Revision ?? config.TaskType);
    }

    [Fact]
    public async Task Every_option_that_is_read_survives_being_written()
    {
        var adapter = new TestAdapter()
            .With("lora_alpha", 8.5)
            .With("lora_dropout", 0.25)
            .With("use_rslora", true)
            .With("target_modules", "layers\\.\\d+\\.(q|v)_proj")
            .With("rank_pattern", new JsonObject { ["q_proj"] = 2 })
            .With("alpha_pattern", new JsonObject { ["v_proj"] = 16 })
            .With("modules_to_save", new JsonArray("head"))
            .With("base_model_name_or_path", "größe/😀")
            .With("revision", "main")
            .With("task_type", "CAUSAL_LM")
            .With(Fixture.Tensor("base_model.model.lm_head.weight", CoreSrl.Abstractions.TensorType.BFloat16, 1, 3));
        var config = (await adapter.Open()).Config;

        var json = config.ToJson();

        foreach (var (key, value) in adapter.Config)
            Assert.True(JsonNode.DeepEquals(value, json[key]), key);
        Assert.Equal(json.Select(pair => pair.Key).Order(StringComparer.Ordinal), json.Select(pair => pair.Key));
        Assert.Equal(json.ToJsonString(), PeftConfig.Parse("again", json).ToJson().ToJsonString());
    }

    [Theory]
    [InlineData("peft_type", "\"LOHA\"", "its 'peft_type' is \"LOHA\"; only \"LORA\" is supported")]
    [InlineData("bias", "\"all\"", "its 'bias' is \"all\"; only \"none\" is supported")]
    [InlineData("use_dora", "true", "its option 'use_dora' is true, which Core SRL does not do")]
    [InlineData("fan_in_fan_out", "true", "its option 'fan_in_fan_out' is true")]
    [InlineData("lora_bias", "true", "its option 'lora_bias' is true")]
    [InlineData("use_qalora", "true", "its option 'use_qalora' is true")]
    [InlineData("layer_replication", "[[0,4],[2,5]]", "its option 'layer_replication' is [[0,4],[2,5]]")]
    [InlineData("layers_to_transform", "0", "its option 'layers_to_transform' is 0")]
    [InlineData("exclude_modules", "[\"k_proj\"]", "its option 'exclude_modules' is [\"k_proj\"]")]
    [InlineData("megatron_config", "{\"a\":1}", "its option 'megatron_config' is {\"a\":1}")]
    [InlineData("trainable_token_indices", "[1]", "its option 'trainable_token_indices' is [1]")]
    [InlineData("init_lora_weights", "\"pissa_niter_16\"", "its option 'init_lora_weights' is \"pissa_niter_16\"")]
    [InlineData("init_lora_weights", "[]", "its option 'init_lora_weights' is []")]
    [InlineData("an_option_of_tomorrow", "1", "its option 'an_option_of_tomorrow' is 1, which Core SRL does not do")]
    public Task An_option_that_Core_SRL_does_not_do_is_refused_by_name(string key, string value, string message) =>
        new TestAdapter().With(key, JsonNode.Parse(value)).AssertRefused($"adapter/adapter_config.json: {message}");

    [Theory]
    [InlineData("bias", "\"none\"")]
    [InlineData("use_dora", "false")]
    [InlineData("fan_in_fan_out", "null")]
    [InlineData("init_lora_weights", "\"gaussian\"")]
    [InlineData("init_lora_weights", "false")]
    [InlineData("megatron_core", "\"megatron.core\"")]
    [InlineData("qalora_group_size", "16")]
    [InlineData("loftq_config", "{}")]
    [InlineData("auto_mapping", "{\"base_model_class\":\"X\"}")]
    [InlineData("peft_version", "\"0.18.0\"")]
    [InlineData("inference_mode", "true")]
    [InlineData("modules_to_save", "null")]
    [InlineData("lora_dropout", "null")]
    [InlineData("rank_pattern", "{}")]
    [InlineData("an_option_of_tomorrow", "null")]
    [InlineData("another", "false")]
    [InlineData("and_another", "[]")]
    [InlineData("and_yet_another", "\"\"")]
    public async Task An_option_that_is_off_or_changes_nothing_is_passed_over(string key, string value) =>
        Assert.Equal(2, (await new TestAdapter().With(key, JsonNode.Parse(value)).Open()).Pairs.Length);

    [Theory]
    [InlineData("r", "null", "it lacks 'r'")]
    [InlineData("r", "0", "its 'r' is 0, not a whole number from 1 on")]
    [InlineData("r", "2.5", "its 'r' is 2.5, not")]
    [InlineData("r", "99999999999999999999", "its 'r' is 99999999999999999999, not")]
    [InlineData("r", "\"2\"", "its 'r' is \"2\", not")]
    [InlineData("lora_alpha", "1e999", "its 'lora_alpha' is 1e999, not a number")]
    [InlineData("lora_alpha", "true", "its 'lora_alpha' is true, not a number")]
    [InlineData("lora_dropout", "1", "its 'lora_dropout' is 1, not from 0 to below 1")]
    [InlineData("lora_dropout", "-0.5", "its 'lora_dropout' is -0.5, not from 0 to below 1")]
    [InlineData("use_rslora", "1", "its 'use_rslora' is 1, not true or false")]
    [InlineData("target_modules", "null", "it lacks 'target_modules'")]
    [InlineData("target_modules", "[]", "its 'target_modules' names no module")]
    [InlineData("target_modules", "[\"q_proj\",1]", "its 'target_modules' is [\"q_proj\",1], not a list of names")]
    [InlineData("target_modules", "{}", "its 'target_modules' is {}, not a list of names")]
    [InlineData("rank_pattern", "[]", "its 'rank_pattern' is [], not an object")]
    [InlineData("rank_pattern", "{\"q_proj\":0}", "its 'rank_pattern.q_proj' is 0, not a whole number from 1 on")]
    [InlineData("alpha_pattern", "{\"q_proj\":\"8\"}", "its 'alpha_pattern.q_proj' is \"8\", not a number")]
    [InlineData("modules_to_save", "[\"\"]", "its 'modules_to_save' is [\"\"], not a list of names")]
    [InlineData("base_model_name_or_path", "7", "its 'base_model_name_or_path' is 7, not a text")]
    public Task An_option_of_the_wrong_kind_is_refused_by_name(string key, string value, string message) =>
        new TestAdapter().With(key, JsonNode.Parse(value)).AssertRefused($"adapter/adapter_config.json: {message}");

    [Theory]
    [InlineData("", "it is not JSON")]
    [InlineData("[]", "it is not a JSON object")]
    [InlineData("""{"r":1,}""", "it is not JSON")]
    [InlineData("""{"r":1}{""", "it is not JSON")]
    [InlineData("""{"r":NaN}""", "it is not JSON")]
    [InlineData("""{"r":1,"r":1}""", "'r'")]
    [InlineData("""{"r":1,"\u0072":1}""", "'r'")]
    [InlineData("""{"x":{"a":null,"a":null}}""", "'a'")]
    [InlineData("""{"peft_type":"\ud800"}""", "it is not JSON")]
    [InlineData("""{"\ud800":1}""", "it is not JSON")]
    public Task A_config_that_is_not_JSON_or_has_a_key_twice_is_refused(string json, string message) =>
        new TestAdapter().WithFile("adapter_config.json", Encoding.UTF8.GetBytes(json)).AssertRefused(message);

    [Fact]
    public async Task Bytes_that_are_no_text_deep_nesting_and_a_config_that_is_far_too_long_are_refused()
    {
        await new TestAdapter().WithFile("adapter_config.json", [(byte)'{', 0xff, (byte)'}']).AssertRefused("it is not UTF-8");
        var deep = Encoding.UTF8.GetBytes($"{{\"x\":{new string('[', 100_000)}");
        await new TestAdapter().WithFile("adapter_config.json", deep).AssertRefused("it is not JSON: The maximum configured depth");
        await new TestAdapter().WithFile("adapter_config.json", new byte[(1 << 20) + 1]).AssertRefused("it takes 1048577 bytes");
    }

    [Theory]
    [InlineData("q_proj")]
    [InlineData("layers.0.q_proj")]
    [InlineData("^layers.0.q_proj")]
    [InlineData("layers\\.0\\.q_proj")]
    [InlineData(".*q_proj")]
    [InlineData("layers\\.[01]\\.q_proj")]
    [InlineData("(x|q)_proj")]
    [InlineData("q.proj")]
    public async Task A_pattern_sets_the_rank_and_alpha_of_the_modules_whose_path_ends_in_a_match(string pattern)
    {
        var adapter = await new TestAdapter()
            .Without("base_model.model.layers.0.q_proj.lora_A.weight")
            .Without("base_model.model.layers.0.q_proj.lora_B.weight")
            .With(TestAdapter.Pair("layers.0.q_proj", 4, 6, 4))
            .With("rank_pattern", new JsonObject { [pattern] = 4, ["(.+)q_proj"] = 9 })
            .With("alpha_pattern", new JsonObject { [pattern] = 1, ["(.+)q_proj"] = 9 })
            .Open();

        Assert.Equal(
            [("layers.0.q_proj", 4, 1.0, 0.25), ("layers.0.v_proj", 2, 8.0, 4.0)],
            adapter.Pairs.Select(pair => (pair.Module, pair.Rank, pair.Alpha, pair.Scale)));
    }

    [Theory]
    [InlineData("_proj")]
    [InlineData("^q_proj")]
    [InlineData("layers.1.q_proj")]
    [InlineData("layers\\.0q_proj")]
    [InlineData("layers")]
    [InlineData("a.layers.0.q_proj")]
    public async Task A_pattern_that_matches_only_elsewhere_changes_nothing(string pattern) =>
        Assert.All(
            (await new TestAdapter().With("rank_pattern", new JsonObject { [pattern] = 4 }).Open()).Pairs,
            pair => Assert.Equal(2, pair.Rank));

    [Theory]
    [InlineData("layers.*(q|v)_proj")]
    [InlineData("all-linear")]
    public async Task Target_modules_may_be_one_pattern_for_the_whole_path(string pattern) =>
        Assert.Equal(pattern, (await new TestAdapter().With("target_modules", pattern).Open()).Config.TargetPattern);

    [Fact]
    public Task A_module_that_the_target_pattern_does_not_match_from_start_to_end_is_unexpected() =>
        new TestAdapter().With("target_modules", "q_proj|layers.0.v_proj").AssertRefused(
            "unexpected keys: base_model.model.layers.0.q_proj.lora_A.weight, base_model.model.layers.0.q_proj.lora_B.weight. ");

    [Theory]
    [InlineData("(q_proj")]
    [InlineData("q)|(v")]
    [InlineData("(?P<x>q)")]
    [InlineData("*")]
    public async Task A_pattern_that_is_not_understood_is_refused_by_name(string pattern)
    {
        await new TestAdapter().With("rank_pattern", new JsonObject { [pattern] = 4 }).AssertRefused($"its pattern '{pattern}' is not understood");
        await new TestAdapter().With("target_modules", pattern).AssertRefused($"its pattern '{pattern}' is not understood");
    }

    [Fact]
    public async Task Patterns_made_to_exhaust_the_reader_are_refused()
    {
        var path = string.Join('.', Enumerable.Repeat("aaaaaaaa", 8));
        await new TestAdapter().With(TestAdapter.Pair(path, 2, 1, 1)).With("target_modules", "(([a.]+)+)+!|layers.*")
            .AssertRefused("matching its patterns takes too long");

        await new TestAdapter().With("target_modules", new string('(', 5000) + new string(')', 5000)).AssertRefused("unexpected keys");
        await new TestAdapter().With("target_modules", new string('(', 10_001)).AssertRefused("is not understood: It has 10001 characters");

        var many = new JsonObject(Enumerable.Range(0, 300).Select(i => KeyValuePair.Create($"(x{i})", (JsonNode?)i)));
        await new TestAdapter().With("alpha_pattern", many).AssertRefused("it has more than 256 patterns that are regular expressions");
    }
}
