namespace CoreSrl.EndToEnd.Tests.Processes;

/// <summary>Copies folders.</summary>
internal static class FolderCopy
{
    /// <summary>Copies all that is in a folder into another.</summary>
    public static void Make(string from, string to)
    {
        foreach (var folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
    }
}
