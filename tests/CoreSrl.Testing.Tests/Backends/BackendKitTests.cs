using CoreSrl.Abstractions;
using CoreSrl.Testing.Tests.Memories;

namespace CoreSrl.Testing.Tests.Backends;

public sealed class BackendKitTests
{
    private static readonly BackendConformanceOptions Options = new() { Seed = 7, Steps = 80, LiveTensors = () => NativeTensors.Alive };

    public static TheoryData<string> Rules => Kit.Names(BackendConformance.Rules);

    [Theory]
    [MemberData(nameof(Rules))]
    public Task A_good_backend_keeps_the_rule(string rule) => new BackendConformance(() => new TableBackend(context => new TableModel(context))).CheckAsync(rule);

    [Theory]
    [MemberData(nameof(Rules))]
    public Task A_backend_that_breaks_the_rule_breaks_just_it(string rule) => Kit.BreaksJustAsync(rule, new BackendConformance(BrokenBackends.ByRule[rule], Options));

    [Fact]
    public async Task Another_backend_that_breaks_a_rule_breaks_just_it()
    {
        foreach (var (rule, create) in BrokenBackends.Others)
            await Kit.BreaksJustAsync(rule, new BackendConformance(create, Options));
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public Task A_good_backend_that_converses_keeps_the_rule(string rule) => new BackendConformance(() => new TableBackend(context => new TalkingModel(context))).CheckAsync(rule);

    [Theory]
    [MemberData(nameof(Rules))]
    public Task A_good_backend_with_a_memory_keeps_the_rule(string rule) => new BackendConformance(() => new CountingBackend(new Memory())).CheckAsync(rule);

    [Fact]
    public Task A_model_without_tensors_that_does_not_learn_keeps_all_rules() => new BackendConformance(() => new TableBackend(_ => new FirstChoice())).CheckAllAsync();

    [Fact]
    public Task A_model_is_asked_what_its_author_says_and_nothing_else() =>
        new BackendConformance(() => new TableBackend(_ => new FirstChoice { Prompt = "move" }), new() { Observations = [new("move", "left", "right")] }).CheckAllAsync();

    [Fact]
    public async Task Without_a_count_of_tensors_the_memory_of_the_process_tells()
    {
        var kit = new BackendConformance(() => new TableBackend(context => new LeaksMemory(context)), new() { Steps = 200 });
        var error = await Assert.ThrowsAsync<ConformanceException>(() => kit.CheckAsync("steps-leave-nothing"));
        Assert.Contains("expected 200 steps of playing and learning to leave nothing behind; the process had ", error.Message, StringComparison.Ordinal);
    }

    private sealed class FirstChoice : IModel
    {
        public string? Prompt { get; init; }

        public ModelDescription Description { get; } = new() { Kind = "first", Architecture = [], Trainable = false };

        public IReadOnlyList<StateTensor> Tensors => [];

        public ValueTask<IReadOnlyList<ModelResponse>> ActAsync(IReadOnlyList<ModelRequest> requests, CancellationToken cancellationToken)
        {
            if (requests.Any(request => Prompt is not null && request.Observation.Prompt != Prompt))
                throw new InvalidOperationException("That is not what I can answer.");
            return new([.. requests.Select(request => new ModelResponse(request.Observation.Choices.FirstOrDefault() ?? "well", [0], [0], 0))]);
        }

        public ValueTask<LearningReport> LearnAsync(LearningBatch batch, CancellationToken cancellationToken) => throw new NotSupportedException();

        public System.Text.Json.Nodes.JsonObject CaptureState() => [];

        public void RestoreState(System.Text.Json.Nodes.JsonObject state)
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
