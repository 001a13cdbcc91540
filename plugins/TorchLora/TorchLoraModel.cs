using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Torch;
using static TorchSharp.torch;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>A frozen decoder with a LoRA adapter that learns by policy gradients.</summary>
/// <remarks>All work runs on the thread pool, so that the models of a run compute side by side; each keeps its own tensors and draws
/// from its own seeds. On the CPU, results are the same to the bit for the same number of threads.</remarks>
public sealed class TorchLoraModel : IGradientModel, IChatModel
{
    private const string StepsKey = "optimizer_steps";

    private readonly TorchLoraOptions _options;
    private readonly string _id;
    private readonly Device _device;
    private readonly LoraAdapter _adapter;
    private readonly Decoder _decoder;
    private readonly AdamW _optimizer;
    private readonly PolicyPair _policies;
    private readonly ChatWriter _chat;
    private readonly BaseProbabilities _base;
    private readonly ConcurrentStack<IDisposable> _owned = [];

    // Takes over the base and the adapter, whether it comes to a model or not.
    internal TorchLoraModel(TorchLoraOptions options, ModelContext context, ModelBase shared, LoraAdapter adapter, Device device)
    {
        _options = options;
        _id = context.Id;
        _device = device;
        try
        {
            Own(shared);
            _adapter = Own(adapter);
            _decoder = Own(new Decoder(shared.Weights, _adapter));
            _optimizer = Own(new AdamW(_adapter.Parameters, options.WeightDecay));
            var prompts = new PromptEncoder(shared.Tokenizer, options);
            _policies = new(_decoder, prompts, options);
            _chat = new(_decoder, prompts, options);
            _base = new(new(Own(new Decoder(shared.Weights)), prompts, options));
            Description = Describe(shared, _adapter.Config, options.Path);
            Parameters = [.. _adapter.Parameters.Names.Select(name => new TorchTensor(TensorPart.Adapter, name, _adapter.Parameters[name]))];
            Gradients = Windows(_adapter.Parameters.Gradients, TensorPart.Adapter, "");
            Tensors =
            [
                .. shared.Weights.Names.Select(name => new TorchTensor(TensorPart.Frozen, name, shared.Weights[name])),
                .. Parameters,
                .. Windows(_optimizer.FirstMoment, TensorPart.OptimizerState, ".exp_avg"),
                .. Windows(_optimizer.SecondMoment, TensorPart.OptimizerState, ".exp_avg_sq"),
            ];
        }
        catch
        {
            Release();
            throw;
        }
    }

    /// <inheritdoc/>
    public ModelDescription Description { get; }

    /// <inheritdoc/>
    public IReadOnlyList<StateTensor> Tensors { get; }

    /// <inheritdoc/>
    public IReadOnlyList<StateTensor> Parameters { get; }

    /// <inheritdoc/>
    public IReadOnlyList<StateTensor> Gradients { get; }

    /// <inheritdoc/>
    /// <exception cref="NonFiniteException">The weights have run away.</exception>
    public async ValueTask<IReadOnlyList<ModelResponse>> ActAsync(
        IReadOnlyList<ModelRequest> requests, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(requests);
        return await Task.Run(() => Act(requests), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="NonFiniteException">The weights have run away.</exception>
    public IAsyncEnumerable<ChatPiece> ChatAsync(ChatRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _chat.WriteAsync(request, cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="NonFiniteException">The loss is NaN or infinite.</exception>
    public async ValueTask<LearningReport> ComputeGradientsAsync(LearningBatch batch, int pass, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return await Task.Run(() => ComputeGradients(batch, pass, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="NonFiniteException">A gradient is NaN or infinite; the weights stay as they were.</exception>
    public async ValueTask<double> ApplyGradientsAsync(LearningSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return await Task.Run(() => ApplyGradients(settings), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public JsonObject CaptureState() => new() { [StepsKey] = _optimizer.Steps };

    /// <inheritdoc/>
    /// <exception cref="FormatException">The state is not one that <see cref="CaptureState"/> returned.</exception>
    public void RestoreState(JsonObject state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state[StepsKey] is not JsonValue value || !value.TryGetValue<long>(out var steps) || steps < 0)
            throw new FormatException($"The state of model {_id} lacks {StepsKey}, a whole number; it holds {state.ToJsonString()}.");
        _optimizer.Steps = steps;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Release();
        return ValueTask.CompletedTask;
    }

    private ModelResponse[] Act(IReadOnlyList<ModelRequest> requests)
    {
        var responses = new ModelResponse[requests.Count];
        foreach (var sort in requests.Index().GroupBy(entry => _policies.For(entry.Item.Observation)))
        {
            var entries = sort.ToList();
            try
            {
                var answers = sort.Key.Act([.. entries.Select(entry => entry.Item)]);
                for (var i = 0; i < entries.Count; i++)
                    responses[entries[i].Index] = answers[i];
            }
            catch (NonFiniteException problem)
            {
                throw new NonFiniteException(problem.What, _id);
            }
        }

        return responses;
    }

    private LearningReport ComputeGradients(LearningBatch batch, int pass, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        _adapter.Parameters.Gradients.zero_();
        using var dropout = _adapter.Config.Dropout > 0 ? NewGenerator(SeededFill.Derive(batch.Seed, $"dropout {pass}")) : null;
        var (policyLoss, entropy, kl, clipped, part) = (0.0, 0.0, 0.0, 0L, 0);
        var share = Shares(batch);
        _base.Begin(batch);
        foreach (var sort in batch.Experiences.GroupBy(experience => _policies.For(experience.Observation)))
        {
            foreach (var experiences in sort.Key.MicroBatches(sort))
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var inner = NewDisposeScope();
                var tape = _options.GradientCheckpointing ? new LayerTape() : null;
                var terms = PolicyLoss.Compute(Actions(sort.Key, experiences, share, batch.Settings, new(dropout, tape, batch.Settings.EntropyCoefficient > 0), part++), batch.Settings);
                var loss = terms.Loss.item<float>();
                if (!float.IsFinite(loss))
                    throw new NonFiniteException("the loss", _id);
                terms.Loss.backward();
                tape?.Backward();
                policyLoss += terms.PolicyLoss.item<float>();
                entropy += terms.Entropy.item<float>();
                kl += terms.Kl?.item<float>() ?? 0;
                clipped += terms.Clipped.item<long>();
            }
        }

        // The shares come to less than 1 where an answer's are those of the longest one.
        var shares = batch.Experiences.Sum(experience => experience.Response.Actions.Length * share(experience));
        return new LearningReport
        {
            PolicyLoss = policyLoss,
            Entropy = entropy / shares,
            Kl = Math.Max(0, kl / shares),
            ClipFraction = clipped / (double)Math.Max(1, ActionCount(batch)),
            LearningRate = StepSize(batch.Settings),
        };
    }

    private PolicyLossActions Actions(
        IPolicy policy, IReadOnlyList<Experience> experiences, Func<Experience, double> share, LearningSettings settings, LearningPass pass, int part)
    {
        var baseProbabilities = settings.KlCoefficient > 0 ? _base.Of(part, experiences) : null;
        var (logProbability, entropy) = policy.Evaluate(experiences, pass);
        return new()
        {
            LogProbability = logProbability,
            OldLogProbability = PerAction((experience, i) => experience.Response.LogProbabilities[i]),
            BaseLogProbability = baseProbabilities is null ? null : tensor(baseProbabilities, device: _device),
            Advantage = PerAction((experience, _) => experience.Advantage),
            Entropy = entropy,
            Weight = PerAction((experience, _) => share(experience)),
        };

        Tensor PerAction(Func<Experience, int, double> value) => tensor(
            [.. experiences.SelectMany(experience => experience.Response.Actions.Select((_, i) => (float)value(experience, i)))],
            device: _device);
    }

    // The share in the loss of each action of an answer.
    private Func<Experience, double> Shares(LearningBatch batch)
    {
        var (answers, actions) = ((double)batch.Experiences.Count, (double)ActionCount(batch));
        return batch.Settings.Aggregation switch
        {
            LossAggregation.Action => _ => 1 / actions,
            LossAggregation.Constant => experience => 1 / (answers * _policies.For(experience.Observation).LongestAnswer),
            _ => experience => 1 / (answers * experience.Response.Actions.Length),
        };
    }

    private static long ActionCount(LearningBatch batch) => batch.Experiences.Sum(experience => (long)experience.Response.Actions.Length);

    private double ApplyGradients(LearningSettings settings)
    {
        var norm = _optimizer.ClipGradients(settings.MaxGradientNorm);
        if (!double.IsFinite(norm))
            throw new NonFiniteException("a gradient", _id);
        _optimizer.Step(StepSize(settings));
        return norm;
    }

    private double StepSize(LearningSettings settings) =>
        _options.LearningRate is { } own ? own * settings.LearningRateFactor : settings.LearningRate;

    private Generator NewGenerator(ulong seed) => new(seed, _device);

    // Windows onto the slices of a buffer that is laid out like the adapter.
    private List<StateTensor> Windows(Tensor buffer, TensorPart part, string suffix)
    {
        var windows = new List<StateTensor>();
        foreach (var (name, view) in _adapter.Parameters.Slices(buffer))
            windows.Add(new TorchTensor(part, name + suffix, Own(view)));
        return windows;
    }

    private T Own<T>(T made)
        where T : IDisposable
    {
        _owned.Push(made);
        return made;
    }

    private void Release()
    {
        // Each is taken off first: a base counts its models, and must not count one that goes twice as two.
        while (_owned.TryPop(out var owned))
            owned.Dispose();
    }

    private static ModelDescription Describe(ModelBase shared, LoraConfig lora, string? path)
    {
        var shape = shared.Weights.Config;
        var architecture = new JsonObject
        {
            [nameof(shape.HiddenSize)] = shape.HiddenSize,
            [nameof(shape.Layers)] = shape.Layers,
            [nameof(shape.Heads)] = shape.Heads,
            [nameof(shape.KeyValueHeads)] = shape.KeyValueHeads,
            [nameof(shape.HeadDim)] = shape.HeadDim,
            [nameof(shape.IntermediateSize)] = shape.IntermediateSize,
            ["Tokenizer"] = shared.Tokenizer.Name,
        };
        foreach (var (key, value) in shared.Origin)
            architecture[key] = value?.DeepClone();
        architecture[nameof(TorchLoraOptions.LoraRank)] = lora.Rank;
        architecture[nameof(TorchLoraOptions.LoraAlpha)] = lora.Alpha;
        architecture[nameof(TorchLoraOptions.TargetModules)] = lora.TargetPattern ?? string.Join(",", lora.TargetModules);
        // Only where they say something: earlier checkpoints do not know them.
        if (lora.RankPattern.Count > 0)
            architecture[nameof(TorchLoraOptions.LoraRankPattern)] = string.Join(",", lora.RankPattern.Select(ModuleValue.Write));
        if (lora.AlphaPattern.Count > 0)
            architecture[nameof(TorchLoraOptions.LoraAlphaPattern)] = string.Join(",", lora.AlphaPattern.Select(ModuleValue.Write));
        if (lora.SavedModules.Count > 0)
            architecture[nameof(TorchLoraOptions.ModulesToSave)] = string.Join(",", lora.SavedModules);
        if (lora.IsRankStabilized)
            architecture[nameof(TorchLoraOptions.LoraRankStabilized)] = true;
        // The folder that this model's base lies in, whatever the base of an adapter that was there already is called elsewhere.
        return new() { Kind = shared.Kind, Architecture = architecture, Adapter = (lora with { BaseModel = path, Revision = null }).ToJson() };
    }
}
