using System.ComponentModel.DataAnnotations;
using CoreSrl.Abstractions;

namespace CoreSrl.Configuration;

/// <summary>The section <c>Training</c>.</summary>
public sealed record TrainingOptions
{
    /// <summary>Names the run; part of its checkpoints' names.</summary>
    /// <value>Default <c>multimodel</c>. Letters, digits, <c>.</c>, <c>_</c> and <c>-</c>, beginning with a letter or digit;
    /// not with <c>final_</c> where their names begin with it.</value>
    [Required, RegularExpression("[A-Za-z0-9][A-Za-z0-9._-]{0,63}", ErrorMessage = "use up to 64 letters, digits, '.', '_' or '-', beginning with a letter or digit")]
    public string RunName { get; init; } = "multimodel";

    /// <summary>Every random number of the run follows from this.</summary>
    /// <value>Default 7.</value>
    public ulong Seed { get; init; } = 7;

    /// <summary>After how many episodes the run is finished.</summary>
    /// <value>Default 200; at least 1.</value>
    [Range(1L, 1_000_000_000_000L)]
    public long MaxEpisodes { get; init; } = 200;

    /// <summary>How the players' rewards depend on one another.</summary>
    /// <value>Default <see cref="TrainingMode.Mixed"/>.</value>
    public TrainingMode Mode { get; init; } = TrainingMode.Mixed;

    /// <summary>How much of the team's reward replaces a player's own, where the mode lets it.</summary>
    /// <value>Default 0.5; 0 to 1.</value>
    [Range(0.0, 1.0)]
    public double CooperationStrength { get; init; } = 0.5;

    /// <summary>How much the rank among the players adds to a reward, where the mode lets it.</summary>
    /// <value>Default 0.1; 0 to 100, in units of reward.</value>
    [Range(0.0, 100.0)]
    public double CompetitionIntensity { get; init; } = 0.1;

    /// <summary>How the models' updates depend on one another.</summary>
    /// <value>Default <see cref="WeightUpdates.Asynchronous"/>.</value>
    public WeightUpdates WeightUpdates { get; init; } = WeightUpdates.Asynchronous;

    /// <summary>Every how many episodes the models learn from what they have played since.</summary>
    /// <value>Default 1; 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int UpdateFrequency { get; init; } = 1;

    /// <summary>How many games are played side by side in an episode.</summary>
    /// <value>Default 8; 1 to 4096; at least 2 where models learn.</value>
    [Range(1, 4096)]
    public int GamesPerEpisode { get; init; } = 8;

    /// <summary>How many of them begin alike, so that their returns can be compared (the group of GRPO).</summary>
    /// <value>Default 0: all of them. Divides <see cref="GamesPerEpisode"/>; at least 2 where models learn.</value>
    [Range(0, 4096)]
    public int GroupSize { get; init; }

    /// <summary>After how many steps a game is cut off.</summary>
    /// <value>Default 1000; 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int MaxStepsPerGame { get; init; } = 1000;

    /// <summary>How much a reward one step later counts.</summary>
    /// <value>Default 1; 0 to 1.</value>
    [Range(0.0, 1.0)]
    public double Discount { get; init; } = 1.0;

    /// <summary>The optimizer's step size; a model's section may have its own.</summary>
    /// <value>Default 0.002; 0 (no learning) to 10.</value>
    [Range(0.0, 10.0)]
    public double LearningRate { get; init; } = 0.002;

    /// <summary>How the step size changes over the run, behind the warm-up. It follows the episodes, so <see cref="MaxEpisodes"/> is part
    /// of it.</summary>
    /// <value>Default <see cref="Configuration.LearningRateSchedule.Constant"/>.</value>
    public LearningRateSchedule LearningRateSchedule { get; init; }

    /// <summary>The episodes in which the step size rises by equal amounts to <see cref="LearningRate"/>.</summary>
    /// <value>Default 0: it begins there.</value>
    [Range(0L, 1_000_000_000_000L)]
    public long WarmupEpisodes { get; init; }

    /// <summary>Whether an advantage is in units of its group's spread, as in GRPO; without, it is how far a return is above the group's
    /// mean, and groups whose returns hardly differ count no more than they should (Dr. GRPO: Liu et al. 2025, arXiv:2503.20783,
    /// section 3.2).</summary>
    /// <value>Default true.</value>
    public bool ScaleAdvantages { get; init; } = true;

    /// <summary>What share each action has in the loss: that of its answer among all (<c>answer</c>, GRPO), its own among all
    /// (<c>action</c>, DAPO's token-level loss), or its own in the longest answer that the model may give (<c>constant</c>, Dr.
    /// GRPO, in which no length is favoured).</summary>
    /// <value>Default <see cref="LossAggregation.Answer"/>.</value>
    public LossAggregation LossAggregation { get; init; }

    /// <summary>How far the probability of an action may move in one update before it is clipped (ε of PPO).</summary>
    /// <value>Default 0.2; 0.001 to 0.999.</value>
    [Range(0.001, 0.999)]
    public double ClipRange { get; init; } = 0.2;

    /// <summary>How far it may rise, where that is not as far as it may fall (DAPO's clip-higher, with 0.28: Yu et al. 2025,
    /// arXiv:2503.14476, section 3.1).</summary>
    /// <value>Default none: as far as <see cref="ClipRange"/>; 0.001 to 100.</value>
    [Range(0.001, 100.0)]
    public double? ClipRangeHigh { get; init; }

    /// <summary>The weight of the divergence from the base model, with its adapter off, which keeps a model near it (β of GRPO, there
    /// 0.04). It costs one more pass over the answers.</summary>
    /// <value>Default 0: not computed; 0 to 100.</value>
    [Range(0.0, 100.0)]
    public double KlCoefficient { get; init; }

    /// <summary>The weight of the entropy bonus.</summary>
    /// <value>Default 0.01; 0 to 10.</value>
    [Range(0.0, 10.0)]
    public double EntropyCoefficient { get; init; } = 0.01;

    /// <summary>The norm to which longer gradients are scaled down.</summary>
    /// <value>Default 1; above 0.</value>
    [Range(1e-6, 1e9)]
    public double MaxGradientNorm { get; init; } = 1.0;

    /// <summary>How often each batch of experiences is gone over in an update, one optimizer step each.</summary>
    /// <value>Default 2; 1 to 100.</value>
    [Range(1, 100)]
    public int Passes { get; init; } = 2;

    /// <summary>How many threads one operation of a local model may use. Sums of floating-point numbers depend on it, so a run keeps
    /// the number it began with.</summary>
    /// <value>Default 1, which suits small models: several work side by side. 1 to 1024.</value>
    [Range(1, 1024)]
    public int Threads { get; init; } = 1;
}
