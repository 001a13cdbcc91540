namespace CoreSrl.Plugins.Environments;

/// <summary>What an answer is worth by one measure.</summary>
internal interface IReward
{
    /// <summary>The reward before its weight: 1 for the best there is. Depends on the question and the text alone.</summary>
    double Of(Question question, string text);
}
