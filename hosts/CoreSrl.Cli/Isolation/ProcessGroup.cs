using System.Runtime.InteropServices;

namespace CoreSrl.Cli.Isolation;

/// <summary>
/// A process and all that it has started, and that starts in turn, unless one of them leaves: what its parent needs to end them all
/// when their own parents are gone. On Linux and macOS; Windows has no such groups, and what was left behind there stays.
/// </summary>
internal static partial class ProcessGroup
{
    private const int SigKill = 9;

    /// <summary>Makes this process the first of a group of its own, which a signal to its parent's group, as Ctrl-C is, does not reach.</summary>
    public static void Begin()
    {
        if (!OperatingSystem.IsWindows())
            _ = SetProcessGroup(0, 0);
    }

    /// <summary>Ends what is left of the group of a process, if it has begun one.</summary>
    public static void Kill(int process)
    {
        if (!OperatingSystem.IsWindows())
            _ = SendSignal(-process, SigKill);
    }

    [LibraryImport("libc", EntryPoint = "setpgid")]
    private static partial int SetProcessGroup(int process, int group);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
