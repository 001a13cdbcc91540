using System.Diagnostics;
using System.Text;

namespace CoreSrl.Packages.Tests.Processes;

/// <summary>Runs a command to its end, as somebody else would who has a shell, a folder and an environment.</summary>
/// <param name="folder">Where.</param>
/// <param name="environment">Variables beside those of this process; an empty value takes one away.</param>
internal sealed class Command(string folder, IReadOnlyDictionary<string, string> environment)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(8);

    /// <summary>Runs it and demands success.</summary>
    /// <returns>What it said.</returns>
    public async Task<string> RunAsync(params string[] words)
    {
        var start = new ProcessStartInfo(Find(words[0]), words[1..]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        // What the build that runs these tests tells its children is not for another build.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        // No build leaves a process behind.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        start.Environment["DOTNET_NOLOGO"] = "1";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var said = new StringBuilder();
        process.OutputDataReceived += (_, line) => Append(said, line.Data);
        process.ErrorDataReceived += (_, line) => Append(said, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{string.Join(' ', words)}' did not end within {Limit}:\n{said}");
        }

        Assert.True(process.ExitCode == 0, $"'{string.Join(' ', words)}' ended with code {process.ExitCode}:\n{said}");
        return said.ToString();
    }

    // Process.Start would look beside this program first, and never where the other environment says.
    private string Find(string program) => (environment.GetValueOrDefault("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .SelectMany(place => new[] { Path.Combine(place, program), Path.Combine(place, program + ".exe") })
        .FirstOrDefault(File.Exists) ?? program;

    private static void Append(StringBuilder text, string? line)
    {
        lock (text)
            text.Append(line).Append('\n');
    }
}
