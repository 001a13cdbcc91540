using System.Text.Json.Nodes;
using CoreSrl.Plugins.TorchLora;

namespace CoreSrl.Torch.Tests.HuggingFace;

/// <summary>Texts become the tokens that the model was made with, and come back.</summary>
public sealed class TokenizerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("core-srl-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string> Models => TinyModel.Names;

    [Theory]
    [MemberData(nameof(Models))]
    public void The_tokens_are_the_references_and_come_back_as_the_text(string model)
    {
        var tokenizer = Read(TinyModel.Folder(model));
        Assert.Equal(412, tokenizer.VocabularySize);
        Assert.Null(tokenizer.BeginOfText);
        foreach (var expected in TinyModel.Cases(model))
            AssertTokens(tokenizer, expected!);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void They_are_the_same_from_vocab_json_and_merges_txt(string model)
    {
        Copy(model);
        File.Delete(PathOf("tokenizer.json"));
        var tokenizer = Read(_folder);
        foreach (var expected in TinyModel.Cases(model))
            AssertTokens(tokenizer, expected!);
    }

    [Fact]
    public void They_are_the_same_where_whole_words_need_no_merges()
    {
        // Every word of this vocabulary is what its merges lead to, so the shorter way must find the same tokens.
        var tokenizer = Read(Changed(json => json["model"]!["ignore_merges"] = true));
        foreach (var expected in TinyModel.Cases("qwen3-tiny"))
            AssertTokens(tokenizer, expected!);

        // And here is a word that no merge leads to.
        tokenizer = Read(Changed(json => (json["model"]!["ignore_merges"], json["model"]!["vocab"]!["zqx"]) = (true, 412)));
        Assert.Equal([412], tokenizer.Encode("zqx"));
        Assert.Equal(3, Read(Changed(json => json["model"]!["vocab"]!["zqx"] = 412)).Encode("zqx").Length);
    }

    [Theory]
    [InlineData("e\u0301", "\u00e9")]
    [InlineData("\u1112\u1161\u11ab", "\ud55c")] // Three letters of Hangul and the syllable.
    [InlineData("\u212b", "\u00c5")] // The unit Ångström and the letter.
    public void What_looks_the_same_is_the_same(string apart, string together)
    {
        var tokenizer = Read(TinyModel.Folder("qwen3-tiny"));
        Assert.Equal(tokenizer.Encode(together), tokenizer.Encode(apart));
        Assert.NotEqual(tokenizer.Encode(together), Read(Changed(json => json["normalizer"] = null)).Encode(apart));
    }

    [Fact]
    public void Special_tokens_are_one_token_end_answers_and_stand_for_nothing()
    {
        var tokenizer = Read(TinyModel.Folder("qwen3-tiny"));
        var tokens = tokenizer.Encode("<|im_start|>hi<|im_end|>");
        Assert.Equal((410, 411), (tokens[0], tokens[^1]));
        Assert.Equal("hi", tokenizer.Decode(tokens));
        Assert.True(tokenizer.EndsAnswer(411));
        Assert.False(tokenizer.EndsAnswer(410));
    }

    [Fact]
    public void An_added_token_that_is_not_special_is_written_as_its_text()
    {
        var tokenizer = Read(Changed(json => json["added_tokens"]!.AsArray().Add(JsonNode.Parse("""{ "id": 412, "content": "<think>", "special": false }"""))));
        Assert.Equal([412], tokenizer.Encode("<think>"));
        Assert.Equal("<think>", tokenizer.Decode([410, 412]));
    }

    [Theory]
    [InlineData("a\U00020000b c", "a\U00020000b| c")] // A letter that takes two chars is a letter,
    [InlineData("\U0001D7D9\U0001D7DA", "\U0001D7D9|\U0001D7DA")] // a number is a number,
    [InlineData("a\U0001F642\U0001F642 b", "a|\U0001F642\U0001F642| b")] // and a picture is neither.
    [InlineData("a<|im_end|>b<|im_end|>", "a|<|im_end|>|b|<|im_end|>")]
    [InlineData("a\uD83Db", "a|\uD83D|b")] // Half a character.
    [InlineData("", "")]
    public void Words_are_cut_as_characters_and_not_as_halves_of_them(string text, string words)
    {
        var description = TokenizerFile.Read(TinyModel.Folder("qwen3-tiny"));
        var found = new WordSplitter(description.Pattern, description.AddedTokens.Keys).PreTokenize(text).Select(word => text.Substring(word.Offset, word.Length));
        Assert.Equal(words, string.Join('|', found));
    }

    [Fact]
    public void Half_a_letter_is_no_reason_to_fail()
    {
        var tokenizer = Read(TinyModel.Folder("qwen3-tiny"));
        var tokens = tokenizer.Encode("🙂");
        Assert.True(tokens.Length > 1);
        Assert.Equal("\uFFFD", tokenizer.Decode(tokens.AsSpan(0, tokens.Length - 1)));
        Assert.Equal("", tokenizer.Decode([9999, 410]));
        Assert.Empty(tokenizer.Encode(""));
    }

    [Fact]
    public void The_template_of_Llama_3_says_what_begins_a_text()
    {
        var tokenizer = Read(Changed(json => json["post_processor"] = JsonNode.Parse("""
            {
              "type": "Sequence",
              "processors": [
                { "type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true },
                {
                  "type": "TemplateProcessing",
                  "single": [ { "SpecialToken": { "id": "<|endoftext|>", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } } ],
                  "special_tokens": { "<|endoftext|>": { "id": "<|endoftext|>", "ids": [ 409 ], "tokens": [ "<|endoftext|>" ] } }
                }
              ]
            }
            """)));
        Assert.Equal(409, tokenizer.BeginOfText);
    }

    [Fact]
    public void A_prompt_of_nothing_is_what_parts_texts()
    {
        Assert.Equal([411], new PromptEncoder(Read(TinyModel.Folder("qwen3-tiny")), new()).Encode(""));
        Assert.Equal([0], new PromptEncoder(new BytePairTokenizer(TokenizerFile.Read(TinyModel.Folder("qwen3-tiny")), []), new()).Encode(""));
        Assert.Equal([256], new PromptEncoder(new ByteTokenizer(), new() { ContextLength = 8 }).Encode(""));
    }

    [Theory]
    [InlineData("model", "type", "\"Unigram\"", "its 'type' is \"Unigram\", which Core SRL does not do")]
    [InlineData("model", "byte_fallback", "true", "its 'byte_fallback' is true, which Core SRL does not do")]
    [InlineData("model", "continuing_subword_prefix", "\"##\"", "its 'continuing_subword_prefix' is \"##\", which Core SRL does not do")]
    [InlineData("model", "dropout", "0.1", "its 'dropout' is 0.1, which Core SRL does not do")]
    [InlineData(null, "normalizer", "{\"type\":\"Lowercase\"}", "its 'normalizer' is {\"type\":\"Lowercase\"}, which Core SRL does not do")]
    [InlineData(null, "pre_tokenizer", "{\"type\":\"Metaspace\"}", "its 'pre_tokenizer' is {\"type\":\"Metaspace\"}, which Core SRL does not do")]
    [InlineData(null, "pre_tokenizer", "null", "its 'pre_tokenizer' splits by no pattern")]
    [InlineData(null, "post_processor", "{\"type\":\"BertProcessing\"}", "its 'post_processor' is {\"type\":\"BertProcessing\"}, which Core SRL does not do")]
    [InlineData(null, "model", "null", "it lacks 'model'")]
    public void What_is_no_byte_level_BPE_is_refused_by_name(string? within, string key, string value, string problem)
    {
        var folder = Changed(json => (within is null ? json : json[within]!)[key] = JsonNode.Parse(value));
        var error = Assert.Throws<TokenizerException>(() => Read(folder));
        Assert.Equal(
            $"{PathOf("tokenizer.json")}: {problem}. Choose a model with a byte-level BPE tokenizer, such as those of the Qwen3, Qwen2 and Llama 3 families.", error.Message);
    }

    [Theory]
    [InlineData("lstrip")]
    [InlineData("rstrip")]
    [InlineData("single_word")]
    public void A_token_that_heeds_the_spaces_around_it_is_refused(string option)
    {
        var folder = Changed(json => json["added_tokens"]![0]![option] = true);
        Assert.StartsWith(
            $"{PathOf("tokenizer.json")}: its '{option}' of token '<|endoftext|>' is true, which Core SRL does not do.", Assert.Throws<TokenizerException>(() => Read(folder)).Message, StringComparison.Ordinal);
        File.Delete(PathOf("tokenizer.json"));
        var config = JsonNode.Parse(File.ReadAllText(PathOf("tokenizer_config.json")))!;
        config["added_tokens_decoder"]!["409"]![option] = true;
        File.WriteAllText(PathOf("tokenizer_config.json"), config.ToJsonString());
        Assert.StartsWith(
            $"{PathOf("tokenizer_config.json")}: its '{option}' of token '<|endoftext|>' is true, which Core SRL does not do.", Assert.Throws<TokenizerException>(() => Read(_folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_without_end_is_given_up()
    {
        var tokenizer = Read(Changed(json => json["pre_tokenizer"]!["pretokenizers"]![0]!["pattern"]!["Regex"] = "(a+)+$"));
        Assert.Throws<System.Text.RegularExpressions.RegexMatchTimeoutException>(() => tokenizer.Encode(new string('a', 60) + "b"));
    }

    [Theory]
    [InlineData("vocab", "[1, 2]")]
    [InlineData("vocab", "{\"a\": \"b\"}")]
    [InlineData("merges", "{}")]
    [InlineData("merges", "[[1]]")]
    public void What_is_not_as_the_library_writes_it_is_refused(string key, string value)
    {
        var folder = Changed(json => json["model"]![key] = JsonNode.Parse(value));
        Assert.StartsWith($"{PathOf("tokenizer.json")}: it is not what the tokenizers library writes (", Assert.Throws<TokenizerException>(() => Read(folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.merges", "[\"zz qq\"]", "its merge 1, 'zz qq', is not of two tokens that make a third")]
    [InlineData("model.merges", "[\"h e\", \"t\"]", "its merge 2, 't', is not of two tokens that make a third")]
    [InlineData("model.merges", "[[\"t\", \"h\", \"e\"]]", "its merge 1, 't h e', is not of two tokens that make a third")]
    [InlineData("model.vocab", "{}", "it holds no tokens")]
    [InlineData("model.vocab", "{\"a\": -5}", "its token 'a' is number -5, and numbers begin at 0")]
    [InlineData("model.vocab", "{\"a\": 2147483647}", "its token 'a' is number 2147483647, which is not plausible")]
    [InlineData("model.vocab", "{\"a\": null}", "it is not what the tokenizers library writes (a value is missing)")]
    [InlineData("added_tokens", "[null]", "it is not what the tokenizers library writes (a value is missing)")]
    [InlineData("added_tokens", "[{\"id\": -1, \"content\": \"<x>\"}]", "its token '<x>' is number -1, and numbers begin at 0")]
    [InlineData("post_processor", "{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"<s>\"}}],\"special_tokens\":{}}", "its 'post_processor' begins texts with '<s>', which it does not explain")]
    [InlineData(
        "post_processor", "{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"<s>\"}}],\"special_tokens\":{\"<s>\":{\"ids\":[99999]}}}",
        "its 'post_processor' begins texts with token 99999, which there is not")]
    public void What_makes_no_sense_is_told_with_its_file(string path, string value, string problem)
    {
        var folder = Changed(json =>
        {
            var keys = path.Split('.');
            keys[..^1].Aggregate(json, (node, key) => node[key]!)[keys[^1]] = JsonNode.Parse(value);
        });
        Assert.StartsWith($"{PathOf("tokenizer.json")}: {problem}. Choose a model ", Assert.Throws<TokenizerException>(() => Read(folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tokenizer_config.json", "{\"tokenizer_class\": [1]}", "tokenizer_config.json: its 'tokenizer_class' is [1], which Core SRL does not do")]
    [InlineData("tokenizer_config.json", "{\"tokenizer_class\": 7}", "tokenizer_config.json: its 'tokenizer_class' is 7, which Core SRL does not do")]
    [InlineData("tokenizer_config.json", "[]", "tokenizer_config.json: it is not a JSON object")]
    [InlineData("vocab.json", "[]", "vocab.json: it is not a JSON object")]
    [InlineData("vocab.json", "{\"a\": null}", "vocab.json: it or tokenizer_config.json does not hold tokens and their ids (a value is missing)")]
    [InlineData("tokenizer_config.json", "{\"tokenizer_class\": \"Qwen2Tokenizer\", \"added_tokens_decoder\": {\"99999999999\": {\"content\": \"x\"}}}", "vocab.json: it or tokenizer_config.json does not hold ")]
    [InlineData("merges.txt", "#version: 0.2\nh e\nzz qq\n", "merges.txt: its merge 2, 'zz qq', is not of two tokens that make a third")]
    public void What_makes_no_sense_in_three_files_is_told_with_the_one(string file, string content, string problem)
    {
        Copy("qwen3-tiny");
        File.Delete(PathOf("tokenizer.json"));
        File.WriteAllText(PathOf(file), content);
        Assert.StartsWith(Path.Combine(_folder, problem), Assert.Throws<TokenizerException>(() => Read(_folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tokenizer.json")]
    [InlineData("vocab.json")]
    [InlineData("merges.txt")]
    public void A_pointer_of_Git_LFS_is_told_as_such(string file)
    {
        Copy("qwen3-tiny");
        File.Delete(PathOf("tokenizer.json"));
        File.WriteAllText(PathOf(file), "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n");
        Assert.Equal(
            $"{PathOf(file)}: it is a pointer of Git LFS and not the file itself. Run 'git lfs pull' in the model's folder.", Assert.Throws<Formats.CheckpointFormatException>(() => Read(_folder)).Message);
    }

    [Fact]
    public void A_folder_without_a_tokenizer_is_told()
    {
        Assert.StartsWith($"{_folder}: it holds no tokenizer.json, and no vocab.json either.", Assert.Throws<TokenizerException>(() => Read(_folder)).Message, StringComparison.Ordinal);
        File.WriteAllText(PathOf("tokenizer.json"), "{");
        Assert.StartsWith($"{PathOf("tokenizer.json")}: it is not JSON: ", Assert.Throws<TokenizerException>(() => Read(_folder)).Message, StringComparison.Ordinal);
    }

    private static void AssertTokens(BytePairTokenizer tokenizer, JsonNode expected)
    {
        var text = (string)expected["text"]!;
        var tokens = tokenizer.Encode(text);
        Assert.Equal(TinyModel.Tokens(expected["ids"]!), tokens.Select(token => (long)token));
        Assert.Equal(text.Replace("<|im_start|>", "", StringComparison.Ordinal).Replace("<|im_end|>", "", StringComparison.Ordinal), tokenizer.Decode(tokens));
    }

    private static BytePairTokenizer Read(string folder) => new(TokenizerFile.Read(folder), [411]);

    private string PathOf(string file) => Path.Combine(_folder, file);

    private string Changed(Action<JsonNode> change)
    {
        Copy("qwen3-tiny");
        var json = JsonNode.Parse(File.ReadAllText(PathOf("tokenizer.json")))!;
        change(json);
        File.WriteAllText(PathOf("tokenizer.json"), json.ToJsonString());
        return _folder;
    }

    private void Copy(string model)
    {
        foreach (var file in new[] { "tokenizer.json", "vocab.json", "merges.txt", "tokenizer_config.json" })
            File.Copy(Path.Combine(TinyModel.Folder(model), file), PathOf(file), overwrite: true);
    }
}
