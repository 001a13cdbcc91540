using System.ComponentModel;
using System.Diagnostics;

namespace CoreSrl.EndToEnd.Tests.Checkpoints;

/// <summary>A fact about what PyTorch does: of a machine with a <c>python3</c>, on the path or the system's own (Debian's package is for
/// that one), which can import torch. Elsewhere it counts as skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactWithPyTorchAttribute : FactAttribute
{
    private static readonly Lazy<string?> Interpreter = new(() => new[] { "python3", "/usr/bin/python3" }.FirstOrDefault(HasTorch));

    public FactWithPyTorchAttribute()
    {
        if (Interpreter.Value is null)
            Skip = "There is no python3 that has torch.";
    }

    /// <summary>Runs a script.</summary>
    /// <returns>What it printed.</returns>
    /// <exception cref="InvalidOperationException">It failed, or there is no such interpreter.</exception>
    public static Task<string> RunAsync(string script, params string[] arguments) =>
        RunAsync(Interpreter.Value ?? throw new InvalidOperationException("There is no python3 that has torch."), script, arguments);

    private static bool HasTorch(string python)
    {
        try
        {
            RunAsync(python, "import torch", []).GetAwaiter().GetResult();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static async Task<string> RunAsync(string python, string script, string[] arguments)
    {
        var start = new ProcessStartInfo(python, ["-c", script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync().ConfigureAwait(false);
            return process.ExitCode == 0 ? await output.ConfigureAwait(false) : throw new InvalidOperationException(await error.ConfigureAwait(false));
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException($"There is no {python}.", e);
        }
    }
}
