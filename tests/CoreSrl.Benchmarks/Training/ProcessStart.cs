using System.Diagnostics;
using CoreSrl.Benchmarks.Harness;

namespace CoreSrl.Benchmarks.Training;

/// <summary>How long the <c>srl</c> command takes from its start as a process.</summary>
internal static class ProcessStart
{
    public static async Task<IReadOnlyList<Measurement>> MeasureAsync(int runs)
    {
        using var saved = new TemporaryFolder();
        await EndAsync("train", "--dir", saved.Path, "--set", "Training:MaxEpisodes=2");
        return
        [
            await Measurement.TakeAsync("srl train: from process start to the first episode's line", "ms", runs, FirstEpisodeAsync),
            await Measurement.TakeAsync("srl list: from process start to its end", "ms", runs, () => EndAsync("list", "--dir", saved.Path)),
        ];
    }

    private static async Task<double> FirstEpisodeAsync()
    {
        using var folder = new TemporaryFolder();
        var clock = Stopwatch.StartNew();
        // Plain output has about twenty lines, so of twenty episodes it shows each.
        using var process = SrlProcess.Start("train", "--dir", folder.Path, "--set", "Training:MaxEpisodes=20");
        var line = await process.StandardOutput.ReadLineAsync();
        while (line is not null && !line.StartsWith("episode ", StringComparison.Ordinal))
            line = await process.StandardOutput.ReadLineAsync();
        var elapsed = clock.Elapsed.TotalMilliseconds;
        process.Kill();
        await process.WaitForExitAsync();
        return line is null ? throw new InvalidOperationException("srl train ended before its first episode.") : elapsed;
    }

    private static async Task<double> EndAsync(params string[] arguments) => (await SrlProcess.RunAsync(arguments)).TotalMilliseconds;
}
