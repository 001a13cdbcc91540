using CoreSrl.Configuration;

namespace CoreSrl.Training;

/// <summary>
/// What the step size is multiplied by in an episode: it follows from the episode's number alone, so a run that goes on from a
/// checkpoint needs no memory of its schedule.
/// </summary>
internal static class LearningRates
{
    /// <summary>Above 0 and up to 1.</summary>
    /// <param name="episode">The episode just played, from 1.</param>
    /// <param name="options">The schedule, its warm-up, and how many episodes there are.</param>
    public static double Factor(long episode, TrainingOptions options)
    {
        if (episode <= options.WarmupEpisodes)
            return episode / (double)options.WarmupEpisodes;

        // From 0 in the first episode behind the warm-up to just below 1 in the last.
        var passed = Math.Min((episode - 1.0 - options.WarmupEpisodes) / Math.Max(1, options.MaxEpisodes - options.WarmupEpisodes), 1);
        return options.LearningRateSchedule switch
        {
            LearningRateSchedule.Linear => 1 - passed,
            LearningRateSchedule.Cosine => (1 + Math.Cos(Math.PI * passed)) / 2,
            _ => 1,
        };
    }
}
