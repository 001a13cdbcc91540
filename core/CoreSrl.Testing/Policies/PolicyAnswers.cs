using System.Collections.Immutable;
using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>What a policy answers, as the engine takes it: an error means "no" and "keep everything", and is itself an answer that can be compared.</summary>
internal static class PolicyAnswers
{
    public static bool WantsToSave(this ICheckpointPolicy policy, Boundary at) => policy.WantsToSave(at, out _);

    public static bool WantsToSave(this ICheckpointPolicy policy, Boundary at, out ImmutableArray<string> tags)
    {
        tags = [];
        if (Try(() => policy.Decide(at.Progress, at.Saved), out _) is not { ShouldSave: true } decision)
            return false;
        tags = decision.Tags.IsDefault ? [] : decision.Tags;
        return true;
    }

    public static IReadOnlySet<string> Keeps(this ICheckpointPolicy policy, IReadOnlyList<SavedCheckpoint> saved) =>
        Try(() => policy.Keep(saved)?.ToHashSet(), out _) ?? saved.Select(checkpoint => checkpoint.Id).ToHashSet();

    /// <summary>All of a decision.</summary>
    public static string Decision(this ICheckpointPolicy policy, Boundary at)
    {
        var decision = Try(() => policy.Decide(at.Progress, at.Saved), out var error);
        return error ?? (decision is null ? "nothing"
            : decision.ShouldSave ? $"save ({decision.Reason}) [{string.Join(", ", decision.Tags.IsDefault ? [] : decision.Tags)}]" : "skip");
    }

    /// <summary>All that is kept.</summary>
    public static string Kept(this ICheckpointPolicy policy, IReadOnlyList<SavedCheckpoint> saved)
    {
        var kept = Try(() => policy.Keep(saved)?.ToHashSet(), out var error);
        return error ?? (kept is null ? "nothing at all" : $"keep [{string.Join(", ", kept.Order(StringComparer.Ordinal))}]");
    }

    private static T? Try<T>(Func<T> ask, out string? error)
        where T : class?
    {
        error = null;
        try
        {
            return ask();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            error = $"{e.GetType().Name}: {e.Message}";
            return null;
        }
    }
}
