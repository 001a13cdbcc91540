using CoreSrl.Training;

namespace CoreSrl.Cli.Display;

/// <summary>What each model earned, episode by episode, since this process began.</summary>
internal sealed class LearningCurve
{
    private readonly Dictionary<string, List<double>> _rewards = [];

    /// <summary>The episodes seen.</summary>
    public int Episodes { get; private set; }

    public void Add(EpisodeReport report)
    {
        Episodes++;
        foreach (var model in report.Models)
        {
            if (!_rewards.TryGetValue(model.ModelId, out var rewards))
                _rewards[model.ModelId] = rewards = [];
            rewards.Add(model.LastReward);
        }
    }

    /// <summary>The mean reward over the first and the last fifth of the episodes seen.</summary>
    public (double First, double Last)? FirstAndLastFifth(string modelId)
    {
        if (!_rewards.TryGetValue(modelId, out var rewards) || rewards.Count < 5)
            return null;
        var fifth = rewards.Count / 5;
        return (rewards.Take(fifth).Average(), rewards.TakeLast(fifth).Average());
    }
}
