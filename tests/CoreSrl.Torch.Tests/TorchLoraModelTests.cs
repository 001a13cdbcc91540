using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Plugins.TorchLora;

namespace CoreSrl.Torch.Tests;

[Collection(OneProcessTorch.Name)]
public sealed class TorchLoraModelTests
{
    private static readonly Observation Question = new("Your move? ", "cooperate", "compete");
    private static readonly Observation Other = new("Another game, another move. What now? ", "a", "left", "right");
    private static readonly Observation Free = new("Say something: ");

    [Fact]
    public async Task Answers_to_choices_are_choices_with_the_probability_they_were_drawn_with()
    {
        await using var model = await Models.CreateAsync();
        var requests = Enumerable.Range(0, 2000).Select(i => new ModelRequest(i % 2 == 0 ? Question : Other, (ulong)i)).ToList();

        var responses = await model.ActAsync(requests, default);

        foreach (var (request, response) in requests.Zip(responses))
        {
            Assert.Equal(request.Observation.Choices[response.Actions[0]], response.Text);
            Assert.InRange(response.Entropy, 0, Math.Log(request.Observation.Choices.Length) + 1e-6);
        }

        foreach (var group in requests.Zip(responses).GroupBy(pair => pair.Second.Text))
        {
            var probability = Math.Exp(group.First().Second.LogProbabilities[0]);
            Assert.Equal(probability, group.Count() / 1000.0, 0.06);
        }
    }

    [Fact]
    public async Task An_answer_depends_on_its_own_seed_and_not_on_the_rest_of_the_batch()
    {
        await using var model = await Models.CreateAsync();
        var requests = Enumerable.Range(0, 12)
            .Select(i => new ModelRequest((i % 3) switch { 0 => Question, 1 => Other, _ => Free }, (ulong)i)).ToList();

        var together = await model.ActAsync(requests, default);

        for (var i = 0; i < requests.Count; i++)
        {
            var alone = (await model.ActAsync([requests[i]], default))[0];
            Assert.Equal(together[i].Text, alone.Text);
            Assert.Equal(together[i].Actions.AsEnumerable(), alone.Actions);
        }
    }

    [Fact]
    public async Task Free_text_ends_at_the_limit_or_a_stop_token_and_records_every_token()
    {
        await using var model = await Models.CreateAsync(options: new() { MaxTokens = 6 });
        var responses = await model.ActAsync([.. Enumerable.Range(0, 200).Select(i => new ModelRequest(Free, (ulong)i))], default);

        Assert.All(responses, response =>
        {
            Assert.InRange(response.Actions.Length, 1, 6);
            Assert.Equal(response.Actions.Length, response.LogProbabilities.Length);
            Assert.All(response.Actions.SkipLast(1), token => Assert.NotEqual('\n', token));
            Assert.DoesNotContain('\n', response.Text);
            if (response.Actions.Length < 6)
                Assert.Contains(response.Actions[^1], new[] { '\n', 257 });
        });
        Assert.Contains(responses, response => response.Actions.Length < 6);
    }

    [Fact]
    public async Task Learning_changes_the_adapter_and_the_optimizer_but_no_frozen_bit_and_playing_changes_nothing()
    {
        await using var model = await Models.CreateAsync();
        var (frozen, adapter, optimizer) = (
            model.Digest(TensorPart.Frozen), model.Digest(TensorPart.Adapter), model.Digest(TensorPart.OptimizerState));

        await model.ActAsync([new ModelRequest(Question, 1), new ModelRequest(Free, 2)], default);
        Assert.Equal(adapter, model.Digest(TensorPart.Adapter));
        Assert.Equal(optimizer, model.Digest(TensorPart.OptimizerState));

        await model.TrainOnceAsync(1, 0.01, Question, Free);
        Assert.Equal(frozen, model.Digest(TensorPart.Frozen));
        Assert.NotEqual(adapter, model.Digest(TensorPart.Adapter));
        Assert.NotEqual(optimizer, model.Digest(TensorPart.OptimizerState));
        Assert.Equal("""{"optimizer_steps":2}""", model.CaptureState().ToJsonString());
    }

    [Fact]
    public async Task The_tensor_table_is_complete_from_the_start_with_the_names_of_Qwen3_PEFT_and_PyTorch()
    {
        await using var model = await Models.CreateAsync(options: new() { TargetModules = ["q_proj"], Layers = 1 });

        Assert.Equal(
            [
                "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight float32[8, 32]",
                "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight float32[32, 8]",
            ],
            model.Parameters.Select(parameter => parameter.Info.ToString()));
        Assert.Equal(model.Parameters, model.Tensors.Where(tensor => tensor.Part == TensorPart.Adapter));
        Assert.Equal(model.Parameters.Select(parameter => parameter.Info), model.Gradients.Select(gradient => gradient.Info));
        Assert.Contains(
            model.Tensors,
            tensor => tensor.Part == TensorPart.Frozen && tensor.Info.Name == "model.layers.0.self_attn.q_norm.weight");
        Assert.Equal(
            ["lora_A.weight.exp_avg", "lora_B.weight.exp_avg", "lora_A.weight.exp_avg_sq", "lora_B.weight.exp_avg_sq"],
            model.Tensors.Where(tensor => tensor.Part == TensorPart.OptimizerState)
                .Select(tensor => tensor.Info.Name.Split("q_proj.")[1]));
        Assert.Equal("qwen3", model.Description.Kind);
        Assert.Equal("q_proj", (string?)model.Description.Architecture["TargetModules"]);
        Assert.Equal("LORA", (string?)model.Description.Adapter!["peft_type"]);
    }

    [Fact]
    public async Task Two_models_of_one_seed_are_and_stay_the_same_to_the_bit_and_other_seeds_are_not()
    {
        await using var one = await Models.CreateAsync(7);
        await using var same = await Models.CreateAsync(7);
        await using var other = await Models.CreateAsync(8);
        await using var shared = await Models.CreateAsync(8, new() { BaseSeed = 7 });

        // Side by side, as the engine runs them.
        for (var update = 0; update < 5; update++)
        {
            await Task.WhenAll(new[] { one, same, other, shared }
                .Select(model => Task.Run(() => model.TrainOnceAsync(update, 0.01, Question, Other, Free))));
        }

        Assert.Equal(All(one), All(same));
        Assert.NotEqual(one.Digest(TensorPart.Frozen), other.Digest(TensorPart.Frozen));
        Assert.Equal(one.Digest(TensorPart.Frozen), shared.Digest(TensorPart.Frozen));
        Assert.NotEqual(one.Digest(TensorPart.Adapter), shared.Digest(TensorPart.Adapter));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    public async Task A_model_restored_in_mid_training_has_the_same_future_to_the_bit(double dropout)
    {
        var options = new TorchLoraOptions { LoraDropout = dropout, WeightDecay = 0.01 };
        await using var straight = await Models.CreateAsync(3, options);
        for (var update = 0; update < 4; update++)
            await straight.TrainOnceAsync(update, 0.01, Question, Free);

        await using var resumed = await Models.CreateAsync(3, options);
        foreach (var (source, target) in straight.Tensors.Zip(resumed.Tensors).Where(pair => pair.First.Part != TensorPart.Frozen))
            target.CopyFrom(0, source.Bytes());
        resumed.RestoreState(JsonNode.Parse(straight.CaptureState().ToJsonString())!.AsObject());
        Assert.Equal(All(straight), All(resumed));

        for (var update = 4; update < 8; update++)
        {
            Assert.Equal(
                await straight.TrainOnceAsync(update, 0.01, Question, Free),
                await resumed.TrainOnceAsync(update, 0.01, Question, Free));
        }

        Assert.Equal(All(straight), All(resumed));
        Assert.Equal(straight.CaptureState().ToJsonString(), resumed.CaptureState().ToJsonString());
    }

    [Fact]
    public async Task Hundreds_of_steps_leave_no_tensor_behind()
    {
        await using var model = await Models.CreateAsync(options: new() { LoraDropout = 0.1, MaxTokens = 4 });
        await model.TrainOnceAsync(0, 0.01, Question, Free);
        var before = LiveTensors();

        for (var update = 1; update <= 100; update++)
            await model.TrainOnceAsync(update, 0.001, Question, Free);

        Assert.InRange(LiveTensors() - before, long.MinValue, 20);
    }

    [Fact]
    public async Task A_disposed_model_leaves_no_tensor_behind()
    {
        await (await Models.CreateAsync()).DisposeAsync();
        var before = LiveTensors();
        for (var i = 0; i < 5; i++)
        {
            await using var model = await Models.CreateAsync((ulong)i);
            await model.TrainOnceAsync(0, 0.01, Question);
        }

        Assert.InRange(LiveTensors() - before, long.MinValue, 5);
    }

    private static long LiveTensors() => TorchSharp.torch.Tensor.TotalCount;

    private static string All(IModel model) =>
        model.Digest(TensorPart.Frozen, TensorPart.Adapter, TensorPart.OptimizerState);
}
