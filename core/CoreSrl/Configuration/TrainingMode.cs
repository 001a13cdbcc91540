namespace CoreSrl.Configuration;

/// <summary>How the players' rewards depend on one another; the formulas are in <see cref="Training.RewardShaping"/>.</summary>
public enum TrainingMode
{
    /// <summary>A share of the team's mean replaces one's own reward.</summary>
    Cooperative,

    /// <summary>A bonus for rank is added to one's own reward.</summary>
    Competitive,

    /// <summary>Both.</summary>
    Mixed,

    /// <summary>The first model leads: it is paid by what its followers earn, they by what it earns and by rank among themselves.</summary>
    Hierarchical,
}
