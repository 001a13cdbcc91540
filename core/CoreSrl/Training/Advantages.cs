using CoreSrl.Abstractions;

namespace CoreSrl.Training;

/// <summary>
/// Turns an episode's trajectories into experiences: for each turn the discounted return to the end of its game, and the advantage
/// as the group sees it, <c>A = (G - mean(G)) / std(G)</c>, over the same model's same turn in the games of the group.
/// </summary>
/// <remarks>Shao et al. 2024, "DeepSeekMath: Pushing the Limits of Mathematical Reasoning in Open Language Models",
/// arXiv:2402.03300, section 4.1: the mean over a group of attempts at one start replaces a learned critic. Where all returns of a
/// group are equal there is nothing to learn and the advantage is 0. Unscaled it is <c>G - mean(G)</c>: Liu et al. 2025, "Understanding
/// R1-Zero-Like Training", arXiv:2503.20783, section 3.2.</remarks>
internal static class Advantages
{
    /// <summary>The experiences of each model, in the order of the trajectories and their turns.</summary>
    /// <param name="trajectories">What was played.</param>
    /// <param name="models">How many models there are.</param>
    /// <param name="discount">How much a reward one turn later counts.</param>
    /// <param name="scaled">Whether the spread of the group divides.</param>
    public static IReadOnlyList<Experience>[] Compute(IReadOnlyList<Trajectory> trajectories, int models, double discount, bool scaled = true)
    {
        var returns = trajectories.Select(trajectory => Returns(trajectory.Turns, discount)).ToList();
        var baselines = new Dictionary<(int Model, int Group, int Turn), (double Mean, double Deviation)>();
        foreach (var group in Enumerable.Range(0, trajectories.Count).GroupBy(i => (trajectories[i].Model, trajectories[i].Group)))
        {
            for (var turn = 0; turn < group.Max(i => returns[i].Length); turn++)
                baselines[(group.Key.Model, group.Key.Group, turn)] = Moments([.. group.Where(i => returns[i].Length > turn).Select(i => returns[i][turn])]);
        }

        var experiences = Enumerable.Range(0, models).Select(_ => new List<Experience>()).ToArray();
        for (var i = 0; i < trajectories.Count; i++)
        {
            var trajectory = trajectories[i];
            for (var turn = 0; turn < trajectory.Turns.Count; turn++)
            {
                var (mean, deviation) = baselines[(trajectory.Model, trajectory.Group, turn)];
                var advantage = deviation > 1e-8 ? (returns[i][turn] - mean) / (scaled ? deviation : 1) : 0;
                experiences[trajectory.Model].Add(new(trajectory.Turns[turn].Observation, trajectory.Turns[turn].Response, returns[i][turn], advantage));
            }
        }

        return experiences;
    }

    private static double[] Returns(IReadOnlyList<Turn> turns, double discount)
    {
        var returns = new double[turns.Count];
        var next = 0.0;
        for (var turn = turns.Count - 1; turn >= 0; turn--)
            returns[turn] = next = turns[turn].ShapedReward + (discount * next);
        return returns;
    }

    private static (double Mean, double Deviation) Moments(double[] values)
    {
        var mean = values.Average();
        return (mean, Math.Sqrt(values.Average(value => (value - mean) * (value - mean))));
    }
}
