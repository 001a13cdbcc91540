namespace CoreSrl.Plugins.Environments;

/// <summary>1 for one of the answers, apart from case and from white space around it; else 0.</summary>
internal sealed class ExactMatch : IReward
{
    public double Of(Question question, string text) => question.IsRight(text) ? 1 : 0;
}
