using System.Globalization;
using System.Text.RegularExpressions;
using CoreSrl.Abstractions;
using CoreSrl.Configuration;

namespace CoreSrl.Checkpoints;

/// <summary>
/// What a person may call a checkpoint: <c>latest</c>, <c>best</c> (the newest with that tag), <c>best:METRIC</c> (likewise),
/// <c>final</c>, <c>episode:N</c> (the newest of each), or its id. A choice means one checkpoint or none; pure.
/// </summary>
internal static partial class CheckpointChoice
{
    /// <summary>The choices that are no ids.</summary>
    public static readonly IReadOnlyList<string> Words = ["latest", "best", "best:METRIC", "final", "episode:N"];

    /// <summary>How many of a directory's checkpoints an error lists.</summary>
    private const int Listed = 12;

    private const string EpisodePrefix = "episode:";
    private const string BestPrefix = "best:";

    /// <summary>What is wrong with a choice as it is written; null when nothing is.</summary>
    public static string? Check(string choice)
    {
        if (choice.StartsWith(EpisodePrefix, StringComparison.Ordinal) && EpisodeOf(choice) is null)
            return $"'{choice}' names no episode; write episode:150";
        return choice == BestPrefix ? "'best:' names no metric; write best:avg_reward, or best" : null;
    }

    /// <summary>The checkpoint that is meant.</summary>
    /// <param name="choice">What is asked for.</param>
    /// <param name="checkpoints">All there are, newest first.</param>
    /// <param name="damaged">Those found damaged, of which nothing is known but their ids.</param>
    /// <param name="location">Where they lie, for messages.</param>
    /// <param name="words">What else the choice might have been, for messages.</param>
    /// <exception cref="KeyNotFoundException">There is none; the message suggests the nearest and says what there is.</exception>
    /// <exception cref="DamagedCheckpointException">It is damaged, or one that is damaged may be it.</exception>
    public static SavedCheckpoint Find(
        string choice, IReadOnlyList<SavedCheckpoint> checkpoints, IReadOnlyList<DamagedCheckpointException> damaged, string location, params IReadOnlyList<string> words)
    {
        var found = checkpoints.FirstOrDefault(saved => Means(choice, saved));
        if (damaged.FirstOrDefault(damage => damage.CheckpointId == choice) is { } chosen)
            throw chosen;
        if (damaged.FirstOrDefault(damage => MayMean(choice, damage.CheckpointId) && !IsOlder(damage.CheckpointId, found)) is { } rival)
            throw new DamagedCheckpointException($"{rival.Message} It may be the one that '{choice}' means. Name a checkpoint by its id, or move the damaged one away.", rival);
        return found ?? throw new KeyNotFoundException($"{location} holds no checkpoint {Missing(choice, checkpoints, words)}");
    }

    private static bool Means(string choice, SavedCheckpoint saved) => choice switch
    {
        "latest" => true,
        "final" => saved.Final,
        "best" => saved.Tags.Contains(choice),
        _ when choice.StartsWith(BestPrefix, StringComparison.Ordinal) => saved.Tags.Contains(choice),
        _ when EpisodeOf(choice) is { } episode => saved.Episode == episode,
        _ => saved.Id == choice,
    };

    /// <summary>Whether a choice may mean a checkpoint of which only the id is known.</summary>
    private static bool MayMean(string choice, string id) => choice switch
    {
        "latest" or "best" => true,
        "final" => id.StartsWith("final_", StringComparison.Ordinal),
        _ when EpisodeOf(choice) is { } episode => Numbers().Matches(id).Any(number => number.Value == episode.ToString(CultureInfo.InvariantCulture)),
        _ => choice.StartsWith(BestPrefix, StringComparison.Ordinal),
    };

    /// <summary>Whether an id says that it is of an earlier second than another checkpoint.</summary>
    private static bool IsOlder(string id, SavedCheckpoint? other) =>
        other is not null && Numbers().Matches(id).LastOrDefault(number => number.Length is > 9 and < 19) is { } seconds
        && long.Parse(seconds.Value, CultureInfo.InvariantCulture) < other.Timestamp.ToUnixTimeSeconds();

    private static string Missing(string choice, IReadOnlyList<SavedCheckpoint> checkpoints, IReadOnlyList<string> words)
    {
        if (EpisodeOf(choice) is { } episode)
        {
            var near = checkpoints.Select(saved => saved.Episode).Distinct().OrderBy(there => Math.Abs(there - episode)).Take(Listed).ToList();
            return near.Count == 0 ? $"of episode {episode}, nor any other."
                : $"of episode {episode}. The nearest is of episode {near[0]}; there are {(near.Count == Listed ? "among others " : "")}{string.Join(", ", near.Order())}.";
        }

        if (choice is "latest" || (choice is "final" && checkpoints.Count == 0))
            return "yet.";
        if (choice is "final")
            return $"that is final. The newest is '{checkpoints[0].Id}' of episode {checkpoints[0].Episode}.";
        if (choice is "best" || choice.StartsWith(BestPrefix, StringComparison.Ordinal))
        {
            var tags = checkpoints.SelectMany(saved => saved.Tags).Distinct().ToList();
            return $"tagged '{choice}'. {(tags.Count == 0 ? "None has a tag." : NearestMatch.Suggest(choice, tags))}";
        }

        var nearest = checkpoints.Select(saved => saved.Id).OrderBy(id => NearestMatch.Distance(choice, id)).Take(Listed);
        return $"'{choice}'. {NearestMatch.Suggest(choice, [.. words, .. Words, .. nearest])}";
    }

    private static long? EpisodeOf(string choice) =>
        choice.StartsWith(EpisodePrefix, StringComparison.Ordinal)
        && long.TryParse(choice.AsSpan(EpisodePrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var episode) ? episode : null;

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Numbers();
}
