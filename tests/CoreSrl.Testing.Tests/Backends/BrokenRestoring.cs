using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.Testing.Tests.Backends;

internal sealed class ForgetsACounter(ModelContext context) : TableModel(context)
{
    private long _updates;

    public override ValueTask<double> ApplyGradientsAsync(LearningSettings settings, CancellationToken cancellationToken)
    {
        _updates++;
        return base.ApplyGradientsAsync(settings, cancellationToken);
    }

    public override JsonObject CaptureState() => new() { ["steps"] = Steps, ["updates"] = _updates };
}

/// <summary>Remembers scores until it learns; what is restored is not learned.</summary>
internal sealed class CachesAnswers(ModelContext context) : TableModel(context)
{
    private readonly Dictionary<string, double[]> _known = [];
    private bool _learning;

    public override async ValueTask<LearningReport> ComputeGradientsAsync(LearningBatch batch, int pass, CancellationToken cancellationToken)
    {
        _learning = true;
        var report = await base.ComputeGradientsAsync(batch, pass, cancellationToken);
        _learning = false;
        _known.Clear();
        return report;
    }

    protected override double[] Policy(Observation observation)
    {
        var key = $"{observation.Prompt}|{string.Join('|', observation.Choices)}";
        return !_learning && _known.TryGetValue(key, out var policy) ? policy : _known[key] = base.Policy(observation);
    }
}

/// <summary>A fresh one has no optimizer yet to give the steps to, and hands the document on until it has.</summary>
internal sealed class OptimizerCreatedWhenNeeded(ModelContext context) : TableModel(context)
{
    private string? _document;

    public override JsonObject CaptureState() => Steps == 0 && _document is not null ? JsonNode.Parse(_document)!.AsObject() : base.CaptureState();

    public override void RestoreState(JsonObject state)
    {
        var before = Steps;
        base.RestoreState(state);
        if (before > 0)
            return;
        _document = state.ToJsonString();
        Steps = 0;
    }
}

internal sealed class NeverGoesBack(ModelContext context) : TableModel(context)
{
    public override void RestoreState(JsonObject state)
    {
        var before = Steps;
        base.RestoreState(state);
        Steps = Math.Max(before, Steps);
    }
}

/// <summary>Saves half the digits, and goes on with them.</summary>
internal sealed class RoundsAtCapture(ModelContext context) : TableModel(context)
{
    public override JsonObject CaptureState()
    {
        foreach (ref var value in Table.Floats)
            value = MathF.Floor(value * 4096) / 4096;
        return base.CaptureState();
    }
}

internal sealed class HandsOutItsState(ModelContext context) : TableModel(context)
{
    private readonly JsonObject _state = new() { ["steps"] = 0L };

    public override JsonObject CaptureState()
    {
        _state["steps"] = Steps;
        return _state;
    }
}

internal sealed class Unchecked(ModelContext context) : TableModel(context)
{
    public override void RestoreState(JsonObject state) => Steps = (long)state["steps"]!;
}
