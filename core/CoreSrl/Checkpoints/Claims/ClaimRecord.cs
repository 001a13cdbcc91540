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

    /// <summary>Of what is pending, the checkpoints that are being removed.</summary>
    public ImmutableArray<string> Removing { get; init; } = [];

    /// <summary>What a process that lost the directory, and may yet live, had pending. Checkpoints are forestalled, and then certain;
    /// base weights of that name may vanish at any time, and stay here.</summary>
    public ImmutableArray<string> Doubtful { get; init; } = [];

    /// <summary>More is about to be written or deleted.</summary>
    public ClaimRecord Announce(IEnumerable<string> keys) => this with { Pending = [.. Pending.Union(keys)] };

    /// <summary>These are done, and left nothing half-way.</summary>
    public ClaimRecord Settle(IReadOnlyCollection<string> keys) =>
        this with { Pending = [.. Pending.Except(keys)], Removing = [.. Removing.Except(keys)] };

    /// <summary>What passes to whoever takes over from this holder.</summary>
    /// <param name="heir">The new claim, without it.</param>
    public ClaimRecord BequeathTo(ClaimRecord heir)
    {
        // A dead process does nothing more: what it had not removed yet is for the heir's policies to decide on.
        ImmutableArray<string> doubtful = Released || Holder.IsAlive is false ? Doubtful : [.. Doubtful.Union(Pending)];
        return heir with { Pending = Pending, Removing = [.. Removing.Where(doubtful.Contains)], Doubtful = doubtful };
    }

    public byte[] ToFile() => JsonSeal.Seal(CheckpointJson.ToNode(this)!.AsObject());

    /// <summary>Reads a claim; null when the file is none, or not to the last bit the one that was written.</summary>
    public static ClaimRecord? Parse(ReadOnlySpan<byte> file)
    {
        if (JsonSeal.IsSealed(file) && !JsonSeal.IsWhole(file)) // Only those of earlier versions have no seal.
            return null;
        try
        {
            return JsonSerializer.Deserialize<ClaimRecord>(file, CheckpointJson.Options) is { } record && record.IsSound() ? record : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What JSON allows and no claim says: nothing where something must be, a path where a name belongs, a line break.</summary>
    private bool IsSound() =>
        Id is not null && IsPrintable(RunName) && Holder is { Machine: not null, Started: not null } && IsPrintable(Holder.Host)
        && !Pending.IsDefault && Pending.All(CheckpointLayout.IsAnnounceable)
        && !Removing.IsDefault && Removing.All(Pending.Contains)
        && !Doubtful.IsDefault && Doubtful.All(CheckpointLayout.IsAnnounceable);

    private static bool IsPrintable(string? text) => text is not null && !text.Any(char.IsControl);
}
