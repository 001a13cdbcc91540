namespace CoreSrl.Plugins.Environments;

/// <summary>Who answers a question.</summary>
public enum QuestionMode
{
    /// <summary>One seat, alone.</summary>
    Solo,

    /// <summary>2 to 16 seats, each the same question at once.</summary>
    Race,
}
