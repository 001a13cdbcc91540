using System.Diagnostics;
using System.Reflection;

namespace CoreSrl.Benchmarks.Harness;

/// <summary>The <c>srl</c> command as a process of its own.</summary>
internal static class SrlProcess
{
    public static Process Start(params string[] arguments)
    {
        var path = Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().Single(value => value.Key == "SrlPath").Value!;
        return Process.Start(new ProcessStartInfo("dotnet", [path, .. arguments]) { RedirectStandardOutput = true })!;
    }

    /// <summary>How long it takes from the process's start to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static async Task<TimeSpan> RunAsync(params string[] arguments)
    {
        var clock = Stopwatch.StartNew();
        using var process = Start(arguments);
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? clock.Elapsed
            : throw new InvalidOperationException($"srl {arguments[0]} ended with exit code {process.ExitCode}. {output}");
    }
}
