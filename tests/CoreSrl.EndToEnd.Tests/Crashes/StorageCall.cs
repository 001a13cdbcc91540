using CoreSrl.Killing;

namespace CoreSrl.EndToEnd.Tests.Crashes;

/// <summary>What a call to the storage is for; a kill means something else at each.</summary>
internal enum CallKind
{
    /// <summary>Taking the directory, announcing, giving it free.</summary>
    Claim,

    /// <summary>Storing base weights.</summary>
    BaseWeights,

    /// <summary>Writing a checkpoint's data.</summary>
    Data,

    /// <summary>Committing a checkpoint.</summary>
    Commit,

    /// <summary>Retention: a checkpoint ceases to exist.</summary>
    Uncommit,

    /// <summary>Removing the data of a checkpoint that does not exist any more, or never did.</summary>
    Removal,

    /// <summary>Removing base weights that nothing refers to.</summary>
    BaseWeightsRemoval,

    /// <summary>Looking at what is there.</summary>
    Look,
}

/// <summary>A call that a process told of: <c>call 17 write some/key</c>.</summary>
internal sealed record StorageCall(int Number, CallKind Kind)
{
    /// <summary>Reads a process's calls from what it told.</summary>
    public static IReadOnlyList<StorageCall> ReadAll(string error) =>
        [.. from line in error.Split('\n')
            where line.StartsWith("call ", StringComparison.Ordinal)
            let words = line.Split(' ')
            select new StorageCall(int.Parse(words[1]), KindOf(words[2], words[3]))];

    /// <summary>What the call was for in which a process was killed: <c>killed Inside (Time) write some/key</c>; null when it was not.</summary>
    public static CallKind? KindOfDeath(string? killed) => killed?.Split(' ') is [.., var verb, var key] ? KindOf(verb, key) : null;

    /// <summary>Kill points at calls of every kind and at every place, by turns, and otherwise at random.</summary>
    public static IEnumerable<KillPoint> Spread(IReadOnlyList<StorageCall> calls, int count, Random random)
    {
        var kinds = calls.GroupBy(call => call.Kind).OrderBy(kind => kind.Key).Select(kind => kind.ToList()).ToList();
        for (var index = 0; index < count; index++)
        {
            var kind = kinds[index % kinds.Count];
            // Inside a call is the place where most can happen.
            var place = (index / kinds.Count % 4) switch { 0 => KillPlace.Before, 2 => KillPlace.After, _ => KillPlace.Inside };
            yield return new(kind[random.Next(kind.Count)].Number, place, random.Next());
        }
    }

    private static CallKind KindOf(string verb, string key) => (verb, key) switch
    {
        ("write", "claim.json") => CallKind.Claim,
        ("write", _) when key.StartsWith("base_weights/", StringComparison.Ordinal) => CallKind.BaseWeights,
        ("write", _) when key.EndsWith("/metadata.json", StringComparison.Ordinal) => CallKind.Commit,
        ("write", _) => CallKind.Data,
        ("delete", _) when key.StartsWith("base_weights/", StringComparison.Ordinal) => CallKind.BaseWeightsRemoval,
        ("delete", _) when key.EndsWith("/metadata.json", StringComparison.Ordinal) => CallKind.Uncommit,
        ("delete", _) => CallKind.Removal,
        _ => CallKind.Look,
    };
}
