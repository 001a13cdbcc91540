namespace CoreSrl.Abstractions;

/// <summary>What share each action has in the loss of a batch. Where all answers are equally long, it is the same.</summary>
public enum LossAggregation
{
    /// <summary>Each answer counts alike, and within it each action: <c>1/(N·n)</c> for one of n actions among N answers. Shao et al.
    /// 2024, "DeepSeekMath", arXiv:2402.03300, equation 3.</summary>
    Answer,

    /// <summary>Each action counts alike, however long its answer: one over the actions of all answers. Yu et al. 2025, "DAPO",
    /// arXiv:2503.14476, equation 8.</summary>
    Action,

    /// <summary>As a sum over an answer's actions, over the longest that the model may give: <c>1/(N·L)</c>. Long wrong answers are not
    /// favoured. Liu et al. 2025, "Understanding R1-Zero-Like Training" (Dr. GRPO), arXiv:2503.20783, section 3.2.</summary>
    Constant,
}
