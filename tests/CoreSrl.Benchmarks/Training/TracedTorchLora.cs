using System.Diagnostics;
using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Plugins.TorchLora;

namespace CoreSrl.Benchmarks.Training;

/// <summary>The option of <c>torch-lora</c> that the default configuration sets.</summary>
internal sealed record TracedTorchLoraOptions
{
    public ulong? BaseSeed { get; init; }
}

/// <summary><c>torch-lora</c> whose models tell when they act, learn and are captured.</summary>
[Plugin(Name)]
internal sealed class TracedTorchLora(TracedTorchLoraOptions options) : IModelBackend
{
    public const string Name = "traced-torch-lora";

    public async ValueTask<IModel> CreateAsync(ModelContext context, CancellationToken cancellationToken) =>
        new TracedModel((IGradientModel)await new TorchLoraBackend(new() { BaseSeed = options.BaseSeed }).CreateAsync(context, cancellationToken));
}

/// <summary>Passes every call on, and shows it as an activity.</summary>
internal sealed class TracedModel(IGradientModel model) : IGradientModel
{
    public const string Act = "act";
    public const string Learn = "learn";
    public const string Capture = "capture";

    public static ActivitySource Source { get; } = new(typeof(TracedModel).FullName!);

    public ModelDescription Description => model.Description;

    public IReadOnlyList<StateTensor> Tensors => model.Tensors;

    public IReadOnlyList<StateTensor> Parameters => model.Parameters;

    public IReadOnlyList<StateTensor> Gradients => model.Gradients;

    public async ValueTask<IReadOnlyList<ModelResponse>> ActAsync(IReadOnlyList<ModelRequest> requests, CancellationToken cancellationToken)
    {
        using var activity = Source.StartActivity(Act);
        return await model.ActAsync(requests, cancellationToken);
    }

    public async ValueTask<LearningReport> ComputeGradientsAsync(LearningBatch batch, int pass, CancellationToken cancellationToken)
    {
        using var activity = Source.StartActivity(Learn);
        return await model.ComputeGradientsAsync(batch, pass, cancellationToken);
    }

    public async ValueTask<double> ApplyGradientsAsync(LearningSettings settings, CancellationToken cancellationToken)
    {
        using var activity = Source.StartActivity(Learn);
        return await model.ApplyGradientsAsync(settings, cancellationToken);
    }

    public JsonObject CaptureState()
    {
        using var activity = Source.StartActivity(Capture);
        return model.CaptureState();
    }

    public void RestoreState(JsonObject state) => model.RestoreState(state);

    public ValueTask DisposeAsync() => model.DisposeAsync();
}
