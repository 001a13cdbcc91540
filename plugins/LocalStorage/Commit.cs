namespace CoreSrl.Plugins.LocalStorage;

/// <summary>Gives a finished temporary file its real name, in one step that others see happen or not.</summary>
internal static class Commit
{
    /// <summary>Takes the name, whether or not it is taken.</summary>
    public static void Replace(string temporary, string path)
    {
        if (OperatingSystem.IsWindows())
            File.Move(temporary, path, overwrite: true);
        else
            Posix.Rename(temporary, path);
    }

    /// <summary>Takes the name if it is free; false when it is not. May leave the temporary name, which the caller deletes.</summary>
    /// <remarks>
    /// On Unix <see cref="File.Move(string, string, bool)"/> looks first and renames then, so two callers can both succeed; link(2)
    /// fails with EEXIST for all but one, even where file locks do nothing (some network file systems). Where links do nothing
    /// (FAT), the root's lock, which the caller holds, closes the gap. On Windows the move itself is exclusive.
    /// </remarks>
    public static bool TakeFreeName(string temporary, string path)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                File.Move(temporary, path, overwrite: false);
                return true;
            }

            try
            {
                Posix.Link(temporary, path);
            }
            catch (IOException error) when (Failure.MeansNoLinks(error))
            {
                File.Move(temporary, path, overwrite: false);
            }

            return true;
        }
        catch (IOException error) when (Failure.MeansExists(error))
        {
            return false;
        }
    }
}
