using System.ComponentModel;
using System.Diagnostics;

namespace CoreSrl.EndToEnd.Tests.Checkpoints;

/// <summary>A fact about what PyTorch does: of a machine whose <c>python3</c> can import torch. Elsewhere it counts as skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactWithPyTorchAttribute : FactAttribute
{
    private static readonly Lazy<bool> IsThere = new(() => RunAsync("import torch").ContinueWith(run => run.IsCompletedSuccessfully, TaskScheduler.Default).GetAwaiter().GetResult());

    public FactWithPyTorchAttribute()
    {
        if (!IsThere.Value)
            Skip = "There is no python3 that has torch.";
    }

    /// <summary>Runs a script.</summary>
    /// <returns>What it printed.</returns>
    /// <exception cref="InvalidOperationException">It failed, or there is no python3.</exception>
    public static async Task<string> RunAsync(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo("python3", ["-c", script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var python = Process.Start(start)!;
            var (output, error) = (python.StandardOutput.ReadToEndAsync(), python.StandardError.ReadToEndAsync());
            await python.WaitForExitAsync();
            return python.ExitCode == 0 ? await output : throw new InvalidOperationException(await error);
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException("There is no python3.", e);
        }
    }
}
