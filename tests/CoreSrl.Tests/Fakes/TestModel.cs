using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.Tests.Fakes;

/// <summary>
/// A model in a few floats: which choice it takes follows from its weights, the prompt and the request's seed, and its gradient
/// from the batch alone. Its optimizer has momentum and its bias is stepped without, so every part of its state matters.
/// </summary>
internal sealed class TestModel : IGradientModel
{
    private readonly ManagedTensor _weights;
    private readonly ManagedTensor _bias = ManagedTensor.Of(TensorPart.Weights, "bias", 0);
    private readonly ManagedTensor _momentum;
    private readonly ManagedTensor _gradient;
    private readonly TestModelOptions _options;
    private long _steps;

    public TestModel(ulong seed, TestModelOptions options)
    {
        _options = options;
        _weights = ManagedTensor.Of(TensorPart.Adapter, "weights", new float[options.Width]);
        _momentum = ManagedTensor.Of(TensorPart.OptimizerState, "momentum", new float[options.Width]);
        _gradient = ManagedTensor.Of(TensorPart.Adapter, "weights", new float[options.Width]);
        var random = new SeededRandom(seed);
        foreach (ref var weight in _weights.Floats)
            weight = (float)random.NextDouble();
        Tensors = options.Frozen == 0
            ? [_weights, _bias, _momentum]
            : [ManagedTensor.Of(TensorPart.Frozen, "base", [.. Enumerable.Repeat(1.5f, options.Frozen)]), _weights, _bias, _momentum];
        Description = new()
        {
            Kind = "test",
            Architecture = new() { ["Width"] = options.Width },
            Trainable = options.Trainable,
        };
    }

    public ModelDescription Description { get; }

    public IReadOnlyList<StateTensor> Tensors { get; }

    public IReadOnlyList<StateTensor> Parameters => [_weights];

    public IReadOnlyList<StateTensor> Gradients => [_gradient];

    public Span<float> Weights => _weights.Floats;

    public Span<float> Gradient => _gradient.Floats;

    public long Steps => _steps;

    public ValueTask<IReadOnlyList<ModelResponse>> ActAsync(IReadOnlyList<ModelRequest> requests, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<ModelResponse>>([.. requests.Select(Answer)]);

    public ValueTask<LearningReport> ComputeGradientsAsync(LearningBatch batch, int pass, CancellationToken cancellationToken)
    {
        var noise = new SeededRandom(batch.Seed + (ulong)pass);
        foreach (ref var slope in _gradient.Floats)
            slope = (float)noise.NextDouble();
        foreach (var experience in batch.Experiences)
            _gradient.Floats[experience.Response.Actions[0] % _options.Width] += (float)experience.Advantage;
        return ValueTask.FromResult(new LearningReport { PolicyLoss = batch.Experiences.Average(e => e.Return), Entropy = 0.5 });
    }

    public ValueTask<double> ApplyGradientsAsync(LearningSettings settings, CancellationToken cancellationToken)
    {
        for (var i = 0; i < _options.Width; i++)
        {
            _momentum.Floats[i] = (0.9f * _momentum.Floats[i]) + _gradient.Floats[i];
            _weights.Floats[i] += (float)settings.LearningRate * _momentum.Floats[i];
        }

        _bias.Floats[0] += _gradient.Floats[0];
        if (++_steps == _options.FailAtStep)
            throw new InvalidDataException("the loss is not a number");
        return ValueTask.FromResult(Math.Sqrt(_gradient.Floats.ToArray().Sum(slope => (double)slope * slope)));
    }

    public JsonObject CaptureState() => _options.LoseStateAtStep > 0 && _steps >= _options.LoseStateAtStep
        ? throw new InvalidDataException("the state is lost")
        : new() { ["steps"] = _steps };

    public void RestoreState(JsonObject state) => _steps = (long)state["steps"]!;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private ModelResponse Answer(ModelRequest request)
    {
        var random = new SeededRandom(request.Seed + (ulong)request.Observation.Prompt.Length);
        var urge = _weights.Floats.ToArray().Sum() + _bias.Floats[0] + random.NextDouble();
        var choice = (int)(Math.Abs(urge * 1000) % request.Observation.Choices.Length);
        return new(request.Observation.Choices[choice], [choice], [-0.7f], 0.7);
    }
}
