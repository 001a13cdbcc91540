using System.Diagnostics;

namespace CoreSrl.Benchmarks.Storages;

/// <summary>The program rclone, which copies files; its own start is not counted.</summary>
/// <param name="remote">The remote's name and path.</param>
/// <param name="settings">How it is told about the remote: variables of its environment.</param>
/// <param name="options">What tunes it.</param>
internal sealed class RcloneTransport(string remote, IReadOnlyDictionary<string, string> settings, IReadOnlyList<string> options) : ITransport
{
    public string Name => "rclone copyto";

    /// <summary>Its version; null when it is not installed.</summary>
    public static async Task<string?> VersionAsync()
    {
        try
        {
            return (await RunAsync(["version"], new Dictionary<string, string>())).Output.Split('\n')[0].Trim();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    public Task<TimeSpan> UpAsync(string name, TransportContent content) => CopyAsync(content.SentFile, $"{remote}/{name}");

    public Task<TimeSpan> DownAsync(string name, TransportContent content) => CopyAsync($"{remote}/{name}", content.ReceivedFile);

    private async Task<TimeSpan> CopyAsync(string from, string to)
    {
        var start = (await RunAsync(["version"], settings)).Took;
        var (took, _) = await RunAsync(["copyto", from, to, "--ignore-times", "--no-traverse", .. options], settings);
        return took - start;
    }

    private static async Task<(TimeSpan Took, string Output)> RunAsync(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> settings)
    {
        var start = new ProcessStartInfo("rclone", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var took = clock.Elapsed;
        return process.ExitCode == 0 ? (took, output) : throw new InvalidOperationException($"rclone {arguments[0]} ended with exit code {process.ExitCode}: {await error}");
    }
}
