using CoreSrl.Training;

namespace CoreSrl.Cli.Display;

/// <summary>What each model earned, episode by episode, since this process began. Filled by one thread, drawn by another.</summary>
internal sealed class LearningCurve
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<double>> _rewards = [];

    /// <summary>The episodes seen.</summary>
    public int Episodes { get; private set; }

    public void Add(EpisodeReport report)
    {
        lock (_gate)
        {
            Episodes++;
            foreach (var model in report.Models)
            {
                if (!_rewards.TryGetValue(model.ModelId, out var rewards))
                    _rewards[model.ModelId] = rewards = [];
                rewards.Add(model.LastReward);
            }
        }
    }

    /// <summary>The mean reward over the first and the last fifth of the episodes seen.</summary>
    public (double First, double Last)? FirstAndLastFifth(string modelId)
    {
        var rewards = Rewards(modelId);
        var fifth = rewards.Length / 5;
        return fifth == 0 ? null : (rewards[..fifth].Average(), rewards[^fifth..].Average());
    }

    /// <summary>The whole curve in a few characters, between the lowest and the highest.</summary>
    public string Sparkline(string modelId, int width)
    {
        var means = Display.Sparkline.Means(Rewards(modelId), width);
        return means.Count == 0 ? "" : Display.Sparkline.Draw(means, means.Min(), means.Max());
    }

    private double[] Rewards(string modelId)
    {
        lock (_gate)
            return _rewards.TryGetValue(modelId, out var rewards) ? [.. rewards] : [];
    }
}
