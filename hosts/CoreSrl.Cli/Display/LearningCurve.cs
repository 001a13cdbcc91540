using CoreSrl.Training;

namespace CoreSrl.Cli.Display;

/// <summary>What each model earned, episode by episode, since this process began. Filled by one thread, drawn by another.</summary>
internal sealed class LearningCurve
{
    private const string Levels = "▁▂▃▄▅▆▇█";

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

    /// <summary>The whole curve in a few characters: each the mean of its share of the episodes, between the lowest and the highest.</summary>
    public string Sparkline(string modelId, int width)
    {
        var rewards = Rewards(modelId);
        width = Math.Min(width, rewards.Length);
        var means = Enumerable.Range(0, width)
            .Select(i => rewards[(i * rewards.Length / width)..((i + 1) * rewards.Length / width)].Average()).ToList();
        if (means.Count == 0)
            return "";
        var (low, high) = (means.Min(), means.Max());
        return string.Concat(means.Select(mean => Levels[high > low ? (int)Math.Round((mean - low) / (high - low) * (Levels.Length - 1)) : 0]));
    }

    private double[] Rewards(string modelId)
    {
        lock (_gate)
            return _rewards.TryGetValue(modelId, out var rewards) ? [.. rewards] : [];
    }
}
