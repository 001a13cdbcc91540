using System.Diagnostics;
using CoreSrl.Abstractions;

namespace CoreSrl.TestPlugins.Failing;

/// <summary>How <see cref="LethalPolicy"/> ends its process.</summary>
public enum Lethality
{
    FailFast,
    Kill,
    Exit,
    Thread,
}

/// <summary>The options of <see cref="LethalPolicy"/>. Where a file <c>lethal</c> lies they are lethal themselves, as it says,
/// as soon as they are looked at.</summary>
public sealed record LethalOptions
{
    public LethalOptions()
    {
        if (!File.Exists("lethal"))
            return;
        switch (File.ReadAllText("lethal"))
        {
            case "exit":
                Environment.Exit(0);
                break;
            case "thread":
                LethalPolicy.ThrowOnAThread();
                break;
            default:
                Environment.FailFast("the driver is gone");
                break;
        }
    }

    public Lethality By { get; init; }

    public long AtEpisode { get; init; } = 3;

    /// <summary>How many checkpoints lie in the folder <c>checkpoints</c> then; they are waited for.</summary>
    public int Checkpoints { get; init; } = 2;
}

/// <summary>Ends its process in the middle of training, as native code can that goes wrong; unless the file <c>mended.txt</c> lies beside it.</summary>
[Plugin("lethal")]
public sealed class LethalPolicy(LethalOptions options) : ICheckpointPolicy
{
    private readonly bool _isMended = File.Exists(Path.Combine(Path.GetDirectoryName(typeof(LethalPolicy).Assembly.Location)!, "mended.txt"));

    public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved)
    {
        ArgumentNullException.ThrowIfNull(progress);
        if (_isMended || progress.Episode != options.AtEpisode)
            return SaveDecision.Skip;
        while (!Directory.Exists("checkpoints") || Directory.GetFiles("checkpoints", "metadata.json", SearchOption.AllDirectories).Length < options.Checkpoints)
            Thread.Sleep(1);
        if (options.By == Lethality.FailFast)
            Environment.FailFast("the driver is gone");
        if (options.By == Lethality.Exit)
            Environment.Exit(0);
        if (options.By == Lethality.Thread)
        {
            ThrowOnAThread();
            return SaveDecision.Skip;
        }

        using var self = Process.GetCurrentProcess();
        self.Kill();
        while (true)
            Thread.Sleep(Timeout.Infinite);
    }

    internal static void ThrowOnAThread()
    {
        var thread = new Thread(() => throw new InvalidOperationException("the driver is gone"));
        thread.Start();
        thread.Join();
    }
}
