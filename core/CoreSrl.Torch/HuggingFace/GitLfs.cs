using CoreSrl.Formats;

namespace CoreSrl.Torch.HuggingFace;

/// <summary>Git LFS, with which models are cloned: a large file is a pointer of three lines until it has been fetched.</summary>
/// <remarks>The specification of Git LFS, docs/spec.md: a pointer begins with its version.</remarks>
public static class GitLfs
{
    private static ReadOnlySpan<byte> Beginning => "version https://git-lfs.github.com/spec/v1"u8;

    /// <summary>Refuses a file that is a pointer to one.</summary>
    /// <param name="path">A file that exists.</param>
    /// <exception cref="CheckpointFormatException">It is a pointer.</exception>
    public static void RefusePointer(string path)
    {
        using var file = File.OpenRead(path);
        var beginning = new byte[Beginning.Length];
        if (file.ReadAtLeast(beginning, beginning.Length, throwOnEndOfStream: false) == beginning.Length && beginning.AsSpan().SequenceEqual(Beginning))
            throw new CheckpointFormatException(path, "it is a pointer of Git LFS and not the file itself", "Run 'git lfs pull' in the model's folder");
    }
}
