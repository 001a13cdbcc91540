using System.Globalization;
using System.Text.Json.Serialization;

namespace CoreSrl.Checkpoints.Claims;

/// <summary>Which process, on which machine: enough to tell on the same machine whether it still runs.</summary>
/// <param name="Host">The machine's name, for people.</param>
/// <param name="Machine">Names one boot of one machine and, on Linux, one namespace of process ids: only within it do they mean anything.</param>
/// <param name="Process">The process id.</param>
/// <param name="Started">When the process began, in a notation of the machine's own; an id is used again, a beginning is not.</param>
internal sealed record ProcessIdentity(string Host, string Machine, int Process, string Started)
{
    /// <summary>This process.</summary>
    public static ProcessIdentity Own { get; } = Of(Environment.ProcessId);

    /// <summary>Whether it still runs; null when that cannot be seen from here.</summary>
    /// <remarks>Where <c>/proc</c> is mounted with <c>hidepid</c>, not even process 1 can be seen, and one that is not seen may live.</remarks>
    [JsonIgnore]
    public bool? IsAlive => Machine != Own.Machine ? null
        : StartOf(Process) is { } started ? started == Started
        : OperatingSystem.IsLinux() && StartOf(1) is null ? null
        : false;

    /// <summary>A process on this machine.</summary>
    public static ProcessIdentity Of(int process) => new(Environment.MachineName, OwnMachine(), process, StartOf(process) ?? "unknown");

    /// <summary>For messages: <c>process 4711 on host 'name'</c>.</summary>
    public override string ToString() => this == Own ? "this very process" : $"process {Process} on host '{Host}'";

    private static string OwnMachine()
    {
        if (!OperatingSystem.IsLinux())
            return Environment.MachineName;
        try
        {
            var boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
            return $"{boot} {new FileInfo("/proc/self/ns/pid").LinkTarget}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Environment.MachineName;
        }
    }

    /// <summary>When a process began; null when it does not run, or has ended and only waits to be noticed by its parent.</summary>
    private static string? StartOf(int process)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                using var found = System.Diagnostics.Process.GetProcessById(process);
                return found.HasExited ? null : found.StartTime.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture);
            }

            // proc_pid_stat(5): the name, in parentheses, may hold anything; behind it are the state (3) and, as 22, the start in
            // ticks since the boot, which setting the clock does not change.
            var stat = File.ReadAllText($"/proc/{process}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : fields[19];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
