namespace CoreSrl.Checkpoints;

/// <summary>What became of copying checkpoints: each is in one of the lists, in the order they were named.</summary>
public sealed record CopyReport
{
    /// <summary>Checkpoints that were not there, and now are.</summary>
    public required IReadOnlyList<string> Copied { get; init; }

    /// <summary>Checkpoints that were there with damage, and now are whole.</summary>
    public required IReadOnlyList<string> Repaired { get; init; }

    /// <summary>Checkpoints that were there already, to the last byte.</summary>
    public required IReadOnlyList<string> AlreadyThere { get; init; }

    /// <summary>Checkpoints that were removed while others were copied, as the run they belong to keeps only so many.</summary>
    public required IReadOnlyList<string> Removed { get; init; }

    /// <summary>Checkpoints that are not what was written, each with its first damaged file: none of them was copied.</summary>
    public required IReadOnlyList<DamagedCheckpointException> Damaged { get; init; }

    /// <summary>How many bytes were written, shared base weights included.</summary>
    public required long BytesCopied { get; init; }
}
