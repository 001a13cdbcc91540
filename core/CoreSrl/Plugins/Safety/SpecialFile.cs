namespace CoreSrl.Plugins.Safety;

/// <summary>A pipe, a socket or a device: whoever opens it may wait for ever, and nobody can end that wait.</summary>
internal static class SpecialFile
{
    public const string Kind = "is a pipe, a socket or a device";

    /// <summary>Whether one is at a path, or where a link there leads to.</summary>
    public static bool IsAt(string path)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
            return false;
        try
        {
            return UnixFile.At(path).IsSpecial;
        }
        catch (IOException)
        {
            return false; // Whoever opens it is told.
        }
    }
}
