using System.Collections.Immutable;
using System.Text.Json;
using CoreSrl.Checkpoints.Storing;

namespace CoreSrl.Checkpoints.Claims;

/// <summary>What <c>claim.json</c> says: whose the directory is, and what its holder is in the middle of.</summary>
internal sealed record ClaimRecord
{
    /// <summary>Tells one claim from another of the same process.</summary>
    public required string Id { get; init; }

    /// <summary>The run it is for, by name.</summary>
    public required string RunName { get; init; }

    /// <summary>Who holds it, or held it last.</summary>
    public required ProcessIdentity Holder { get; init; }

    /// <summary>When it was taken, by the holder's clock.</summary>
    public required DateTimeOffset Claimed { get; init; }

    /// <summary>How often it was written: no two versions of a claim are alike.</summary>
    public long Version { get; init; }

    /// <summary>Whether the holder is done.</summary>
    public bool Released { get; init; }

    /// <summary>What the holder is about to write or to delete: checkpoints, by id, and base weights, by key. Whoever takes over finds
    /// its leftovers there.</summary>
    public ImmutableArray<string> Pending { get; init; } = [];

    /// <summary>Of what is pending, what a process before was writing that may yet live: it must be forestalled before it is removed.</summary>
    public ImmutableArray<string> Doubtful { get; init; } = [];

    public byte[] ToFile() => JsonSerializer.SerializeToUtf8Bytes(this, CheckpointJson.Options);

    /// <summary>Reads a claim; null when the file is none.</summary>
    public static ClaimRecord? Parse(ReadOnlySpan<byte> file)
    {
        try
        {
            return JsonSerializer.Deserialize<ClaimRecord>(file, CheckpointJson.Options) is { } record && record.IsSound() ? record : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What JSON allows and no claim says: nothing where something must be, a path where a name belongs.</summary>
    private bool IsSound() =>
        Id is not null && Holder is { Host: not null, Machine: not null, Started: not null }
        && !Pending.IsDefault && Pending.All(CheckpointLayout.IsAnnounceable)
        && !Doubtful.IsDefault && Doubtful.All(Pending.Contains);
}
