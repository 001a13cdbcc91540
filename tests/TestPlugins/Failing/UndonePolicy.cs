using System.Diagnostics;
using System.Globalization;
using CoreSrl.Abstractions;

namespace CoreSrl.TestPlugins.Failing;

/// <summary>What becomes of a process in which <see cref="UndonePolicy"/> meets a metric that is no number.</summary>
public enum Undoing
{
    Hang,
    Crash,
    Exit,

    /// <summary>It exits, and another that it has started goes on, with all that it had open.</summary>
    Leave,

    /// <summary>The same, and that one belongs to no group of this one's.</summary>
    Detach,
}

/// <summary>The options of <see cref="UndonePolicy"/>.</summary>
public sealed record UndoneOptions
{
    public Undoing By { get; init; } = Undoing.Crash;
}

/// <summary>Takes the process down with it.</summary>
[Plugin("undone")]
public sealed class UndonePolicy(UndoneOptions options) : ICheckpointPolicy
{
    public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved)
    {
        ArgumentNullException.ThrowIfNull(progress);
        if (!progress.Metrics.Values.Any(double.IsNaN))
            return SaveDecision.Skip;
        switch (options.By)
        {
            case Undoing.Hang:
                Thread.Sleep(Timeout.Infinite);
                break;
            case Undoing.Crash:
                Environment.FailFast("the driver is gone");
                break;
            case Undoing.Exit:
                Environment.Exit(0);
                break;
            case Undoing.Leave:
                Leave("sleep");
                break;
            case Undoing.Detach:
                Leave("setsid", "sleep");
                break;
        }

        return SaveDecision.Skip;
    }

    private static void Leave(params string[] command)
    {
        using var left = Process.Start(new ProcessStartInfo(command[0], [.. command[1..], "600"]))!;
        File.AppendAllText("left", string.Create(CultureInfo.InvariantCulture, $"{left.Id}\n"));
        Environment.Exit(0);
    }
}
