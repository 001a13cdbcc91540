using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.Testing.Tests.Backends;

/// <summary>
/// A model whose scores of answers are looked up in a small table: a frozen one and one that learns by policy gradients, with momentum
/// and a step size that falls. Free texts are words of a fixed list.
/// </summary>
internal class TableModel : IGradientModel
{
    private const int Size = 16;

    private static readonly string[] Words = ["yes", "no", "maybe", "well"];

    private readonly ArrayTensor _base = ArrayTensor.Of(TensorPart.Frozen, "base", new float[Size]);
    private readonly ArrayTensor _table = ArrayTensor.Of(TensorPart.Adapter, "table", new float[Size]);
    private readonly ArrayTensor _bias = ArrayTensor.Of(TensorPart.Weights, "bias", new float[4]);
    private readonly ArrayTensor _tableMomentum = ArrayTensor.Of(TensorPart.OptimizerState, "table.momentum", new float[Size]);
    private readonly ArrayTensor _biasMomentum = ArrayTensor.Of(TensorPart.OptimizerState, "bias.momentum", new float[4]);
    private readonly ArrayTensor _tableGradient = ArrayTensor.Of(TensorPart.Adapter, "table", new float[Size]);
    private readonly ArrayTensor _biasGradient = ArrayTensor.Of(TensorPart.Weights, "bias", new float[4]);

    public TableModel(ModelContext context)
    {
        var random = new SeededRandom(context.Seed);
        foreach (ref var value in _base.Floats)
            value = (float)random.NextDouble();
        foreach (ref var value in _table.Floats)
            value = (float)random.NextDouble() - 0.5f;
    }

    public virtual ModelDescription Description => new() { Kind = "table", Architecture = new() { ["Size"] = Size } };

    public virtual IReadOnlyList<StateTensor> Tensors => [_base, _table, _bias, _tableMomentum, _biasMomentum];

    public virtual IReadOnlyList<StateTensor> Parameters => [_table, _bias];

    public virtual IReadOnlyList<StateTensor> Gradients => [_tableGradient, _biasGradient];

    /// <summary>The optimizer's steps so far.</summary>
    protected long Steps { get; set; }

    protected ArrayTensor Table => _table;

    protected ArrayTensor Momentum => _tableMomentum;

    public virtual ValueTask<IReadOnlyList<ModelResponse>> ActAsync(IReadOnlyList<ModelRequest> requests, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new([.. requests.Select(Answer)]);
    }

    public virtual ValueTask<LearningReport> ComputeGradientsAsync(LearningBatch batch, int pass, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ClearGradients();
        var (loss, entropy) = (0.0, 0.0);
        foreach (var (observation, response, _, advantage) in batch.Experiences)
        {
            var policy = Policy(observation);
            var taken = response.Actions[0];
            var weight = (float)(advantage * Math.Min(5, Math.Exp(Math.Log(policy[taken]) - response.LogProbabilities[0])) / batch.Experiences.Count);
            loss -= weight;
            entropy += Entropy(policy);
            for (var choice = 0; choice < policy.Length; choice++)
            {
                var slope = weight * ((float)policy[choice] - (choice == taken ? 1 : 0));
                _tableGradient.Floats[Place(observation, choice)] += slope;
                _biasGradient.Floats[choice % 4] += slope;
            }
        }

        // What is random in learning follows from the batch's seed.
        var random = new SeededRandom(batch.Seed + (ulong)pass);
        foreach (ref var slope in _tableGradient.Floats)
            slope *= 1 + (float)(random.NextDouble() * 0.01);
        return new(new LearningReport { PolicyLoss = loss, Entropy = entropy / batch.Experiences.Count, ClipFraction = 0 });
    }

    public virtual ValueTask<double> ApplyGradientsAsync(LearningSettings settings, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var norm = Math.Sqrt(Squares(_tableGradient) + Squares(_biasGradient));
        var scale = (float)Math.Min(1, settings.MaxGradientNorm / (norm + 1e-12));
        var rate = (float)settings.LearningRate / (1 + (0.1f * StepsForRate));
        Step(_table, _tableMomentum, _tableGradient, scale, rate);
        Step(_bias, _biasMomentum, _biasGradient, scale, rate);
        Steps++;
        return new(norm);
    }

    ValueTask<LearningReport> IModel.LearnAsync(LearningBatch batch, CancellationToken cancellationToken) => LearnAsync(batch, cancellationToken);

    public virtual JsonObject CaptureState() => new() { ["steps"] = Steps };

    public virtual void RestoreState(JsonObject state) =>
        Steps = state["steps"] is JsonValue value && value.TryGetValue<long>(out var steps) ? steps : throw new FormatException("There is no number of steps.");

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected virtual long StepsForRate => Steps;

    protected virtual async ValueTask<LearningReport> LearnAsync(LearningBatch batch, CancellationToken cancellationToken)
    {
        var report = LearningReport.Nothing;
        for (var pass = 0; pass < batch.Settings.Passes; pass++)
        {
            report = await ComputeGradientsAsync(batch, pass, cancellationToken);
            report = report with { GradientNorm = await ApplyGradientsAsync(batch.Settings, cancellationToken) };
        }

        return report;
    }

    protected virtual void ClearGradients()
    {
        _tableGradient.Floats.Clear();
        _biasGradient.Floats.Clear();
    }

    protected virtual double[] Policy(Observation observation)
    {
        var scores = Choices(observation).Select((_, choice) =>
            Math.Exp(_base.Floats[Place(observation, choice)] + _table.Floats[Place(observation, choice)] + _bias.Floats[choice % 4])).ToArray();
        return [.. scores.Select(score => score / scores.Sum())];
    }

    protected ModelResponse Answer(ModelRequest request) => Answer(request.Observation, request.Seed);

    protected ModelResponse Answer(Observation observation, ulong seed)
    {
        var policy = Policy(observation);
        var target = new SeededRandom(seed).NextDouble();
        var choice = 0;
        while (choice < policy.Length - 1 && (target -= policy[choice]) >= 0)
            choice++;
        return new(Choices(observation)[choice], [choice], [(float)Math.Log(policy[choice])], Entropy(policy));
    }

    private static IReadOnlyList<string> Choices(Observation observation) => observation.Choices.IsDefaultOrEmpty ? Words : observation.Choices;

    // The same in every process, which string.GetHashCode is not.
    private static int Place(Observation observation, int choice) => $"{observation.Prompt}{Choices(observation)[choice]}".Aggregate(choice, (hash, letter) => ((hash * 31) + letter) & 0xFFFF) % Size;

    private static double Entropy(double[] policy) => -policy.Sum(probability => probability * Math.Log(probability));

    private static double Squares(ArrayTensor tensor) => tensor.Floats.ToArray().Sum(value => (double)value * value);

    private static void Step(ArrayTensor weights, ArrayTensor momentum, ArrayTensor gradient, float scale, float rate)
    {
        for (var i = 0; i < weights.Floats.Length; i++)
        {
            momentum.Floats[i] = (0.9f * momentum.Floats[i]) + (scale * gradient.Floats[i]);
            weights.Floats[i] -= rate * momentum.Floats[i];
        }
    }
}

/// <summary>Creates them.</summary>
internal sealed class TableBackend(Func<ModelContext, IModel> create) : IModelBackend
{
    public ValueTask<IModel> CreateAsync(ModelContext context, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(create(context));
    }
}
