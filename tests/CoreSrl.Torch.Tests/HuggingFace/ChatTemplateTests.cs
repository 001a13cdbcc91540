using CoreSrl.Plugins.TorchLora;

namespace CoreSrl.Torch.Tests.HuggingFace;

/// <summary>A chat model is asked in the form in which it was taught to answer.</summary>
[Collection(OneProcessTorch.Name)]
public sealed class ChatTemplateTests : IDisposable
{
    private const string Asked = "<|im_start|>user\nWhat is it?<|im_end|>\n<|im_start|>assistant\n";
    private const string Shouting = "{{ bos_token }}{% for m in messages %}{{ m.content | upper }}{% endfor %}";

    private readonly string _folder = Directory.CreateTempSubdirectory("core-srl-").FullName;

    private static ITokenizer Tokenizer { get; } = new BytePairTokenizer(TokenizerFile.Read(TinyModel.Folder("qwen3-tiny")), [411]);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_prompt_is_what_a_user_says_by_the_models_own_template() => AssertTokens(Asked, new() { Path = TinyModel.Folder("qwen3-tiny") });

    [Fact]
    public void Without_the_template_it_is_the_text_itself() =>
        AssertTokens("What is it?", new() { Path = TinyModel.Folder("qwen3-tiny"), ChatTemplate = "none" });

    [Fact]
    public void A_folder_or_a_random_model_without_a_template_has_none()
    {
        AssertTokens("What is it?", new() { Path = _folder });
        AssertTokens("What is it?", new());
    }

    [Fact]
    public void The_system_speaks_first_where_it_shall() =>
        AssertTokens("<|im_start|>system\nBe kind.<|im_end|>\n" + Asked, new() { Path = TinyModel.Folder("qwen3-tiny"), SystemPrompt = "Be kind." });

    [Theory]
    [InlineData("""{ "bos_token": "<|im_start|>", "chat_template": "{{ bos_token }}{% for m in messages %}{{ m.content | upper }}{% endfor %}" }""")]
    [InlineData("""{ "bos_token": { "content": "<|im_start|>" }, "chat_template": [ { "name": "tool_use", "template": "{% x %}" }, { "name": "default", "template": "{{ bos_token }}{% for m in messages %}{{ m.content | upper }}{% endfor %}" } ] }""")]
    public void It_stands_in_the_tokenizers_configuration(string config)
    {
        Write("tokenizer_config.json", config);
        AssertTokens("<|im_start|>WHAT IS IT?", new() { Path = _folder });
    }

    [Fact]
    public void Or_in_a_file_beside_it_which_goes_first()
    {
        Write("tokenizer_config.json", """{ "bos_token": "<|im_start|>", "chat_template": "{% x %}" }""");
        Write("chat_template.jinja", Shouting);
        AssertTokens("<|im_start|>WHAT IS IT?", new() { Path = _folder });
    }

    [Fact]
    public void Or_in_a_file_of_the_users() =>
        AssertTokens("<|endoftext|>WHAT IS IT?", new() { Path = TinyModel.Folder("qwen3-tiny"), ChatTemplate = Write("mine.jinja", "<|endoftext|>" + Shouting) });

    [Theory]
    [InlineData(null, "")]
    [InlineData(true, "True")]
    [InlineData(false, "False")]
    public void Whether_to_think_is_for_the_template(bool? thinking, string written) =>
        AssertTokens(written, new() { ChatTemplate = Write("mine.jinja", "{{ enable_thinking }}"), Thinking = thinking });

    [Fact]
    public void What_begins_a_text_is_written_by_the_template_alone()
    {
        var tokenizer = new ByteTokenizer();
        Assert.Equal(256, new PromptEncoder(tokenizer, new()).Encode("a")[0]);
        Assert.Equal(tokenizer.Encode("A"), new PromptEncoder(tokenizer, new() { ChatTemplate = Write("mine.jinja", Shouting) }).Encode("a"));
    }

    [Fact]
    public void Of_a_prompt_that_is_too_long_the_end_is_read_and_the_template_stays_whole()
    {
        var tokenizer = new ByteTokenizer();
        var options = new TorchLoraOptions { ChatTemplate = Write("mine.jinja", "<{{ messages[0].content }}>"), ContextLength = 8 };
        Assert.Equal("<456789>", tokenizer.Decode(new PromptEncoder(tokenizer, options).Encode("0123456789")));
        Assert.Equal("<012345>", tokenizer.Decode(new PromptEncoder(tokenizer, options).Encode("012345")));
        Assert.Equal("<🙂>", tokenizer.Decode(new PromptEncoder(tokenizer, options).Encode("🙂🙂")));
    }

    [Fact]
    public void A_template_that_leaves_no_room_is_refused()
    {
        var file = Write("mine.jinja", "much too long");
        AssertProblem($"{file}: its chat template takes 9 tokens without any prompt, and ContextLength is 8. Raise ContextLength.", new() { ChatTemplate = file, ContextLength = 8 });
    }

    [Fact]
    public void One_that_cannot_be_used_is_told_with_its_file_and_line()
    {
        var file = Write("mine.jinja", "a\n{% include 'b' %}");
        AssertProblem(
            $"{file}: in its chat template, line 2: the tag 'include' is not supported; known are if, for, break, continue, set, macro and generation. Write it otherwise, name another file as ChatTemplate, or none.",
            new() { ChatTemplate = file });
        file = Write("mine.jinja", "{{ raise_exception('No.') }}");
        AssertProblem($"{file}: in its chat template, line 1: No. Give it a conversation that it takes, or name another ChatTemplate.", new() { ChatTemplate = file });
        file = Path.Combine(_folder, "nothing");
        AssertProblem($"{file}: there is no such file. Name one that holds a chat template.", new() { ChatTemplate = file });
        file = Write("tokenizer_config.json", """{ "chat_template": [ { "name": "tool_use", "template": "" } ] }""");
        AssertProblem($"{file}: its 'chat_template' is neither a text nor a list with one named 'default'. Fetch the model anew, or name a template as ChatTemplate.", new() { Path = _folder });
        File.Delete(file);
        AssertProblem($"{_folder}: it has no chat template, which SystemPrompt and Thinking are for. Name one as ChatTemplate, or leave them out.", new() { Path = _folder, Thinking = true });
    }

    [Fact]
    public async Task Choices_and_free_texts_are_both_asked_for_by_the_template()
    {
        await using var chat = await Models.CreateAsync(options: new() { Path = TinyModel.Folder("qwen3-tiny"), MaxTokens = 8 });
        await using var plain = await Models.CreateAsync(options: new() { Path = TinyModel.Folder("qwen3-tiny"), MaxTokens = 8, ChatTemplate = "none" });
        foreach (var choices in new[] { [], new[] { "This.", "That." } })
        {
            var asked = await chat.ActAsync([new(new("What is it?", [.. choices]), 1)], default);
            var written = await plain.ActAsync([new(new(Asked, [.. choices]), 1)], default);
            var other = await plain.ActAsync([new(new("What is it?", [.. choices]), 1)], default);
            Assert.Equal(written[0].LogProbabilities.AsEnumerable(), asked[0].LogProbabilities);
            Assert.NotEqual(other[0].LogProbabilities.AsEnumerable(), asked[0].LogProbabilities);
        }
    }

    private static void AssertTokens(string expected, TorchLoraOptions options) =>
        Assert.Equal(new PromptEncoder(Tokenizer, new()).Encode(expected), new PromptEncoder(Tokenizer, options).Encode("What is it?"));

    private static void AssertProblem(string expected, TorchLoraOptions options) =>
        Assert.Equal(expected, Assert.Throws<ChatTemplateException>(() => new PromptEncoder(Tokenizer, options)).Message);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
