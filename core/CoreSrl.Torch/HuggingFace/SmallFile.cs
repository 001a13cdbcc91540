using CoreSrl.Formats;

namespace CoreSrl.Torch.HuggingFace;

/// <summary>Reads a file that describes a model.</summary>
internal static class SmallFile
{
    /// <summary>A file's bytes; null when there is none.</summary>
    /// <exception cref="CheckpointFormatException">It is larger than plausible, or a pointer to the file.</exception>
    public static async Task<byte[]?> ReadAsync(string path, int maxLength, CancellationToken cancellationToken)
    {
        if (new FileInfo(path) is not { Exists: true } info)
            return null;
        GitLfs.RefusePointer(path);
        return info.Length <= maxLength
            ? await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false)
            : throw new CheckpointFormatException(path, $"it takes {info.Length} bytes; more than {maxLength} are not plausible", "Restore the file from a good copy");
    }
}
