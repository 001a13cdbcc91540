using System.ClientModel;
using System.ClientModel.Primitives;
using CoreSrl.EndToEnd.Tests.Checkpoints;
using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.EndToEnd.Tests.Training;
using OpenAI.Chat;
using OpenAI.Models;

namespace CoreSrl.EndToEnd.Tests.Serving;

/// <summary>What a run has learned is served to programs that speak OpenAI's protocol: here OpenAI's own client.</summary>
public sealed class ServeTests(TrainedDirectory trained) : IClassFixture<TrainedDirectory>
{
    [UnixFact]
    public async Task The_models_of_a_checkpoint_answer_by_name_whole_and_streamed_until_Ctrl_C()
    {
        using var copy = trained.Copy();
        var before = Files(copy);
        using var served = await ServedCheckpoint.StartAsync(copy.Path, null, "latest", "--dir", copy.Directory);
        string[] names = ["model_0_qwen3", "model_1_qwen3", "model_2_qwen3"];
        Assert.Equal((copy.Ids[0], "127.0.0.1"), ((string?)served.Told["checkpoint"], served.Address.Host));
        Assert.Equal(names, served.Models);
        Assert.Equal(names, ((OpenAIModelCollection)await served.Client().GetOpenAIModelClient().GetModelsAsync()).Select(model => model.Id));

        var answers = new List<string>();
        foreach (var name in names)
        {
            var whole = await served.AskAsync(name, "Cooperate?", Seeded(3));
            Assert.Equal(whole.Usage.InputTokenCount + whole.Usage.OutputTokenCount, whole.Usage.TotalTokenCount);
            var (text, reason) = ("", (ChatFinishReason?)null);
            await foreach (var piece in served.Client().GetChatClient(name).CompleteChatStreamingAsync([new UserChatMessage("Cooperate?")], Seeded(3)))
            {
                text += string.Concat(piece.ContentUpdate.Select(part => part.Text));
                reason = piece.FinishReason ?? reason;
            }

            Assert.Equal(whole.Content[0].Text, text);
            Assert.Equal(whole.FinishReason, reason);
            answers.Add(text);
        }

        // Each has its own adapter, though all have one base.
        Assert.Equal(3, answers.Distinct().Count());
        Assert.NotEqual(answers[0], (await served.AskAsync(names[0], "Cooperate?", Seeded(4))).Content[0].Text);
        Assert.Equal(0, (await served.InterruptAsync()).ExitCode);
        Assert.Equal(before, Files(copy));
    }

    [UnixFact]
    public async Task Only_the_models_that_are_named_are_served_and_others_are_told()
    {
        using var copy = trained.Copy();
        using var served = await ServedCheckpoint.StartAsync(copy.Path, null, "episode:3", "run.json", "--model", "model_2_qwen3", "--model", "model_0_qwen3");
        Assert.Equal(["model_2_qwen3", "model_0_qwen3"], served.Models);
        using var all = await ServedCheckpoint.StartAsync(copy.Path, null, "episode:3", "run.json");
        Assert.Equal(
            (await all.AskAsync("model_2_qwen3", "Hi", Seeded(1))).Content[0].Text,
            (await served.AskAsync("model_2_qwen3", "Hi", Seeded(1))).Content[0].Text);
        var problem = await Assert.ThrowsAsync<ClientResultException>(() => served.AskAsync("model_1_qwen3", "Hi", Seeded(1)));
        Assert.Equal(404, problem.Status);
        Assert.Contains("There is no model 'model_1_qwen3' here; there is 'model_2_qwen3', 'model_0_qwen3'.", problem.Message, StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task Two_adapters_over_one_pretrained_base_are_asked_by_its_chat_template()
    {
        using var folder = new TemporaryFolder();
        var model = Path.Combine(AppContext.BaseDirectory, "TinyModels", "qwen2-tiny");
        folder.Write("run.json", $$"""
            {
              "Training": { "RunName": "chat", "MaxEpisodes": 2, "GamesPerEpisode": 4, "UpdateFrequency": 1, "LearningRate": 0.05 },
              "Environment": { "Use": "coop-compete", "Rounds": 2 },
              "Models": [ { "Id": "one", "Use": "torch-lora", "Path": "{{model}}" }, { "Id": "two", "Use": "torch-lora", "Path": "{{model}}" } ],
              "Checkpoints": { "Directory": "checkpoints/chat" }
            }
            """);
        (await Srl.RunAsync(folder.Path, "train", "run.json")).Succeeded();
        using var served = await ServedCheckpoint.StartAsync(folder.Path, null, "final", "--dir", "checkpoints/chat", "--set", "Models:1:ChatTemplate=none");
        var (one, two) = (await served.AskAsync("one", "Hi", Seeded(1)), await served.AskAsync("two", "Hi", Seeded(1)));
        Assert.True(one.Usage.InputTokenCount > two.Usage.InputTokenCount + 5, $"{one.Usage.InputTokenCount} and {two.Usage.InputTokenCount} tokens were read.");
        Assert.NotEqual(one.Content[0].Text, two.Content[0].Text);
    }

    [UnixFact]
    public async Task A_key_is_asked_for_and_never_shown()
    {
        using var copy = trained.Copy();
        const string key = "open-sesame-1234";
        using var served = await ServedCheckpoint.StartAsync(copy.Path, new Dictionary<string, string> { ["MY_KEY"] = key }, "latest", "run.json", "--host", "*", "--key-variable", "MY_KEY");
        var address = new UriBuilder(served.Address) { Host = "127.0.0.1" }.Uri;
        var problem = await Assert.ThrowsAsync<ClientResultException>(() => ListAsync("wrong"));
        Assert.Equal(401, problem.Status);
        Assert.Contains("The key is not this server's.", problem.Message, StringComparison.Ordinal);
        Assert.Equal(3, (await ListAsync(key)).Count);
        var ended = await served.InterruptAsync();
        Assert.Equal(0, ended.ExitCode);
        Assert.DoesNotContain(key, ended.Output + ended.Error, StringComparison.Ordinal);

        async Task<OpenAIModelCollection> ListAsync(string shown) =>
            await new OpenAIModelClient(new ApiKeyCredential(shown), new() { Endpoint = address, RetryPolicy = new ClientRetryPolicy(0) }).GetModelsAsync();
    }

    [UnixFact]
    public async Task Who_hangs_up_in_mid_stream_leaves_the_model_to_the_next()
    {
        using var copy = trained.Copy();
        // A model that never ends by itself would be written on for minutes.
        using var served = await ServedCheckpoint.StartAsync(copy.Path, null, "latest", "run.json", "--set", "Models:0:MaxTokens=1000000", "--set", "Models:0:ContextLength=4096");
        using (var cancellation = new CancellationTokenSource())
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                var options = Seeded(1);
                options.StopSequences.Add("\u0001\u0002\u0003");
                await foreach (var _ in served.Client().GetChatClient("model_0_qwen3").CompleteChatStreamingAsync([new UserChatMessage("Hi")], options, cancellation.Token))
                    await cancellation.CancelAsync();
            });
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var next = Seeded(1);
        next.MaxOutputTokenCount = 2;
        ChatCompletion answer = await served.Client().GetChatClient("model_0_qwen3").CompleteChatAsync([new UserChatMessage("Hi")], next, limit.Token);
        Assert.InRange(answer.Usage.OutputTokenCount, 1, 2);
    }

    [UnixFact]
    public async Task It_serves_while_a_trainer_runs_there_and_leaves_it_alone()
    {
        using var folder = new TemporaryFolder();
        folder.Write("run.json", Configurations.Small);
        using var trainer = Srl.Start(folder.Path, "train", "run.json", "--set", "Training:MaxEpisodes=100000");
        await trainer.WaitForAsync("saved ");
        using var served = await ServedCheckpoint.StartAsync(folder.Path, null, "latest", "run.json");
        Assert.NotNull((await served.AskAsync("model_1_qwen3", "Hi", Seeded(1))).Content);
        Assert.False(trainer.HasExited);
        trainer.Signal(2);
        Assert.Equal(130, (await trainer.WaitAsync()).ExitCode);
        // What it serves it has in memory.
        Assert.NotNull((await served.AskAsync("model_1_qwen3", "Hi", Seeded(2))).Content);
    }

    [Theory]
    [InlineData(2, "--host 0.0.0.0: other machines reach this address, and would all be answered. Name a variable with a key as --key-variable, or say --without-key.", "latest", "run.json", "--host", "0.0.0.0")]
    [InlineData(2, "--key-variable NO_SUCH_KEY: there is no such environment variable, or it is empty.", "latest", "run.json", "--key-variable", "NO_SUCH_KEY")]
    [InlineData(2, "--key-variable SRL_KEY: variables that begin with SRL_ are settings of the configuration. Choose another name.", "latest", "run.json", "--key-variable", "SRL_KEY")]
    [InlineData(2, "--host example.org: not an IP address. Use localhost, * or an address such as 192.168.0.7.", "latest", "run.json", "--host", "example.org")]
    [InlineData(2, "--port 70000: a port is from 0 to 65535.", "latest", "run.json", "--port", "70000")]
    [InlineData(2, "holds no model 'model_7_qwen3'. Did you mean 'model_0_qwen3'?", "latest", "run.json", "--model", "model_7_qwen3")]
    [InlineData(2, "Models:0:LoraRank: 4 does not fit checkpoint", "latest", "run.json", "--set", "Models:0:LoraRank=4")]
    [InlineData(2, "'nothing'", "nothing", "run.json")]
    public async Task What_cannot_be_served_is_told(int code, string problem, params string[] arguments)
    {
        using var copy = trained.Copy();
        var result = await Srl.RunAsync(copy.Path, ["serve", .. arguments]);
        Assert.Contains(problem, result.Error, StringComparison.Ordinal);
        Assert.Equal((code, ""), (result.ExitCode, result.Output));
    }

    [Fact]
    public async Task A_damaged_checkpoint_is_not_served()
    {
        using var copy = trained.Copy();
        copy.Flip($"{copy.Ids[0]}/lora_weights/lora_1.pt");
        var result = await Srl.RunAsync(copy.Path, "serve", copy.Ids[0], "run.json", "--port", "0");
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("lora_1.pt", result.Error, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Files(TrainedCopy copy) =>
        [.. Directory.GetFiles(copy.Directory, "*", SearchOption.AllDirectories).Select(file => $"{file} {File.GetLastWriteTimeUtc(file):O}").Order()];

#pragma warning disable OPENAI001 // The seed is marked as for evaluation in this client.
    private static ChatCompletionOptions Seeded(long seed) => new() { Seed = seed };
#pragma warning restore OPENAI001
}
