namespace CoreSrl.Tests.Checkpoints.Damage;

/// <summary>What can happen to a file.</summary>
/// <param name="What">In words, for a failed test.</param>
/// <param name="Happen">Lets it happen to the file of that path.</param>
internal sealed record FileDamage(string What, Action<string> Happen)
{
    /// <summary>The ways, each with a few cases.</summary>
    public static IReadOnlyList<string> Ways { get; } =
    [
        "a bit flipped", "cut", "emptied", "extended", "grown beyond memory", "removed", "replaced by a folder", "replaced by a link", "replaced by another",
    ];

    /// <summary>The cases of a way, for a file with that content.</summary>
    /// <param name="way">One of <see cref="Ways"/>.</param>
    /// <param name="whole">The content.</param>
    /// <param name="another">The content of the same file of another checkpoint.</param>
    /// <param name="random">Draws the places.</param>
    public static IReadOnlyList<FileDamage> Cases(string way, byte[] whole, byte[] another, Random random)
    {
        switch (way)
        {
            case "a bit flipped":
                // The first and the last byte, the length and the text of a safetensors header, and wherever.
                return [.. new[] { 0, 8, 20, whole.Length / 2, whole.Length - 1 }.Where(at => at < whole.Length).Concat(Draw(8, whole.Length, random))
                    .Select(at => (At: at, Bit: random.Next(8)))
                    .Select(flip => new FileDamage($"bit {flip.Bit} of byte {flip.At} flipped", path => Write(path, Flip(whole, flip.At, flip.Bit))))];
            case "cut":
                return [.. new[] { 1, whole.Length - 1 }.Concat(Draw(4, whole.Length, random))
                    .Select(length => new FileDamage($"cut to {length} bytes", path => Write(path, whole[..length])))];
            case "emptied":
                return [new("emptied", path => Write(path, []))];
            case "extended":
                return [.. new[] { "\0", "\n", "{}", new string('\0', 1 << 20) }
                    .Select(end => new FileDamage($"extended by {end.Length} bytes", path => Write(path, [.. whole, .. System.Text.Encoding.ASCII.GetBytes(end)])))];
            case "grown beyond memory":
                return [new("grown to 3 GiB", path => Grow(path, 3L << 30))];
            case "removed":
                return [new("removed", File.Delete)];
            case "replaced by a folder":
                return [new("replaced by a folder", path => Replace(path, () => Directory.CreateDirectory(path)))];
            case "replaced by a link":
                return [new("replaced by a link to the same bytes", Link)];
            case "replaced by another":
                return [new("replaced by the other checkpoint's", path => Write(path, another)), new("reversed", path => Write(path, [.. whole.Reverse()]))];
            default:
                throw new ArgumentOutOfRangeException(nameof(way), way, "There is no such way.");
        }
    }

    /// <summary>Puts the file back.</summary>
    public static void Undo(string path, byte[] whole) => Replace(path, () => File.WriteAllBytes(path, whole));

    private static byte[] Flip(byte[] whole, int at, int bit)
    {
        var flipped = whole.ToArray();
        flipped[at] ^= (byte)(1 << bit);
        return flipped;
    }

    private static IEnumerable<int> Draw(int count, int length, Random random) => Enumerable.Range(0, count).Select(_ => random.Next(length));

    private static void Write(string path, byte[] bytes) => File.WriteAllBytes(path, bytes);

    /// <summary>Most of it is a hole that takes no room on the disk.</summary>
    private static void Grow(string path, long length)
    {
        using var file = File.OpenWrite(path);
        file.SetLength(length);
    }

    private static void Link(string path)
    {
        var elsewhere = Path.Combine(Path.GetTempPath(), $"core-srl-{Guid.NewGuid():N}");
        File.Move(path, elsewhere);
        File.CreateSymbolicLink(path, elsewhere);
    }

    private static void Replace(string path, Action with)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
        else
        {
            if (new FileInfo(path).LinkTarget is { } elsewhere)
                File.Delete(elsewhere);
            File.Delete(path);
        }

        with();
    }
}
