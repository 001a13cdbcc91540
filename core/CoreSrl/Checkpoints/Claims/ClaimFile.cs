using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Storing;

namespace CoreSrl.Checkpoints.Claims;

/// <summary>Reads <c>claim.json</c>.</summary>
internal static class ClaimFile
{
    /// <summary>How often it is read until it is a claim. What a takeover does not learn from the claim before nobody can tell it any
    /// more, so a bit that is wrong on the way must not be believed.</summary>
    private const int MaxLooks = 5;

    /// <summary>A longer file is no claim: this is room for more than a hundred thousand names.</summary>
    private const int MaxLength = 16 << 20;

    /// <summary>Reads the claim; null when there is none, and without a record when it cannot be understood.</summary>
    public static async Task<(ObjectInfo Info, ClaimRecord? Record)?> ReadAsync(ICheckpointStorage storage, CancellationToken cancellationToken)
    {
        for (var look = 1; ; look++)
        {
            if (await storage.StatAsync(CheckpointLayout.Claim, cancellationToken).ConfigureAwait(false) is { Length: > MaxLength } info)
                return (info, null);
            if (await storage.ReadAllAsync(CheckpointLayout.Claim, cancellationToken).ConfigureAwait(false) is not { } found)
                return null;
            if (ClaimRecord.Parse(found.Content.Span) is var record && (record is not null || look == MaxLooks))
                return (found.Info, record);
        }
    }
}
