namespace CoreSrl.Cli.Commands;

/// <summary>What the process's exit code says.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>Failed while running.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage or configuration; nothing was written.</summary>
    public const int WrongUsage = 2;

    /// <summary>A damaged checkpoint was found.</summary>
    public const int Damaged = 3;

    /// <summary>Interrupted, after saving.</summary>
    public const int Interrupted = 130;
}
