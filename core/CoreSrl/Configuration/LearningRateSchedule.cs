namespace CoreSrl.Configuration;

/// <summary>How the optimizer's step size changes from the end of the warm-up to the end of the run.</summary>
public enum LearningRateSchedule
{
    /// <summary>Not at all.</summary>
    Constant,

    /// <summary>It falls by the same amount each episode, to 0 behind the last.</summary>
    Linear,

    /// <summary>It falls along half a cosine, to 0 behind the last episode: slowly at first and in the end. Loshchilov and Hutter 2017,
    /// "SGDR: Stochastic Gradient Descent with Warm Restarts", arXiv:1608.03983, equation 5, without restarts.</summary>
    Cosine,
}
