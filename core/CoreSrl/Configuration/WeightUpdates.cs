namespace CoreSrl.Configuration;

/// <summary>How the models' updates depend on one another; the work is in <see cref="Training.Learner"/>.</summary>
public enum WeightUpdates
{
    /// <summary>Each model learns from its own experiences, on its own.</summary>
    Asynchronous,

    /// <summary>Models of one shape average their gradients before each optimizer step.</summary>
    Synchronized,

    /// <summary>Each learns on its own; then models of one shape average their parameters, the better ones weighing more.</summary>
    Federated,

    /// <summary>Only the better half learns.</summary>
    Selective,
}
