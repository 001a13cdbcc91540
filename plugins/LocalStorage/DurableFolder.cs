namespace CoreSrl.Plugins.LocalStorage;

/// <summary>Folders whose entries survive a power cut: a new name is safe only once the folder that holds it is flushed.</summary>
internal static class DurableFolder
{
    /// <summary>Creates a folder and those above it that are missing.</summary>
    public static void Create(string path)
    {
        if (Directory.Exists(path))
            return;
        var parent = Path.GetDirectoryName(path);
        if (parent is not null)
            Create(parent);
        Directory.CreateDirectory(path);
        if (parent is not null)
            Flush(parent);
    }

    /// <summary>Flushes a folder's entries to the disk. Windows has no such call; NTFS journals them itself.</summary>
    public static void Flush(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        try
        {
            using var folder = Posix.OpenFolder(path);
            Posix.Flush(folder, path);
        }
        catch (IOException error) when (Failure.MeansMissing(error))
        {
            // Removed meanwhile, with what was in it: whoever did that flushes what is left.
        }
    }

    /// <summary>Waits until a file's content is on the disk.</summary>
    public static void FlushFile(Microsoft.Win32.SafeHandles.SafeFileHandle file, string path)
    {
        if (OperatingSystem.IsWindows())
            RandomAccess.FlushToDisk(file);
        else
            Posix.Flush(file, path);
    }

    /// <summary>Removes a folder that is empty, then those above it, up to <paramref name="root"/>, which stays.</summary>
    /// <returns>The lowest folder that is left.</returns>
    public static string RemoveEmpty(string path, string root)
    {
        while (path.Length > root.Length)
        {
            try
            {
                if (Directory.EnumerateFileSystemEntries(path).Any())
                    break;
                Directory.Delete(path);
            }
            catch (DirectoryNotFoundException)
            {
                // Gone already, or never made: go on with the one above.
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                break; // Another program put something there, or the folder may not be removed: an empty folder does no harm.
            }

            path = Path.GetDirectoryName(path)!;
        }

        return path;
    }
}
