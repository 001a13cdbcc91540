using CoreSrl.Abstractions;

namespace CoreSrl.Testing.Tests.Backends;

/// <summary>Changes answers.</summary>
internal abstract class OtherAnswers(ModelContext context) : TableModel(context)
{
    public override async ValueTask<IReadOnlyList<ModelResponse>> ActAsync(IReadOnlyList<ModelRequest> requests, CancellationToken cancellationToken) =>
        [.. requests.Zip(await base.ActAsync(requests, cancellationToken), Change)];

    protected abstract ModelResponse Change(ModelRequest request, ModelResponse response);
}

internal sealed class Shouts(ModelContext context) : OtherAnswers(context)
{
    protected override ModelResponse Change(ModelRequest request, ModelResponse response) => response with { Text = response.Text.ToUpperInvariant() };
}

/// <summary>Right answers in the wrong order, as soon as there are several batches.</summary>
internal sealed class LastBatchFirst(ModelContext context) : TableModel(context)
{
    public override async ValueTask<IReadOnlyList<ModelResponse>> ActAsync(IReadOnlyList<ModelRequest> requests, CancellationToken cancellationToken) =>
        [.. (await base.ActAsync(requests, cancellationToken)).Chunk(16).Reverse().SelectMany(batch => batch)];
}

internal sealed class FirstHundred(ModelContext context) : TableModel(context)
{
    public override ValueTask<IReadOnlyList<ModelResponse>> ActAsync(IReadOnlyList<ModelRequest> requests, CancellationToken cancellationToken) =>
        base.ActAsync([.. requests.Take(100)], cancellationToken);
}

internal sealed class PlainProbabilities(ModelContext context) : OtherAnswers(context)
{
    protected override ModelResponse Change(ModelRequest request, ModelResponse response) =>
        response with { LogProbabilities = [.. response.LogProbabilities.Select(MathF.Exp)] };
}

internal sealed class NoisyEntropy(ModelContext context) : OtherAnswers(context)
{
    protected override ModelResponse Change(ModelRequest request, ModelResponse response) => response with { Entropy = response.Entropy + Random.Shared.NextDouble() };
}

internal sealed class OneSeedForAll(ModelContext context) : TableModel(context)
{
    public override ValueTask<IReadOnlyList<ModelResponse>> ActAsync(IReadOnlyList<ModelRequest> requests, CancellationToken cancellationToken)
    {
        var random = new SeededRandom(requests.Aggregate(0UL, (seed, request) => seed ^ request.Seed));
        return base.ActAsync([.. requests.Select(request => request with { Seed = random.NextUInt64() })], cancellationToken);
    }
}

/// <summary>Notes the last entropy in its optimizer's state; an update clears the note.</summary>
internal sealed class LeavesTraces(ModelContext context) : TableModel(context)
{
    private readonly ArrayTensor _note = ArrayTensor.Of(TensorPart.OptimizerState, "note", 0);

    public override IReadOnlyList<StateTensor> Tensors => [.. base.Tensors, _note];

    public override async ValueTask<IReadOnlyList<ModelResponse>> ActAsync(IReadOnlyList<ModelRequest> requests, CancellationToken cancellationToken)
    {
        var responses = await base.ActAsync(requests, cancellationToken);
        _note.Floats[0] = (float)responses[^1].Entropy;
        return responses;
    }

    public override ValueTask<double> ApplyGradientsAsync(LearningSettings settings, CancellationToken cancellationToken)
    {
        _note.Floats[0] = 0;
        return base.ApplyGradientsAsync(settings, cancellationToken);
    }
}

internal sealed class FirstCharacter(ModelContext context) : OtherAnswers(context)
{
    protected override ModelResponse Change(ModelRequest request, ModelResponse response) => request.Observation.Prompt[0] == '\uFEFF' ? response with { Text = "" } : response;
}

internal sealed class NothingToChoose(ModelContext context) : OtherAnswers(context)
{
    protected override ModelResponse Change(ModelRequest request, ModelResponse response) =>
        request.Observation.Choices.Length == 1 ? throw new ArgumentException("There must be two choices at least.", nameof(request)) : response;
}
