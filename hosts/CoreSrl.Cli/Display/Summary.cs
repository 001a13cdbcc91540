using CoreSrl.Configuration;
using CoreSrl.Training;

namespace CoreSrl.Cli.Display;

/// <summary>The last lines: what was learned, where it is, what to type next.</summary>
internal static class Summary
{
    public static void Write(TrainingResult result, LearningCurve learned, TimeSpan elapsed, MultiModelConfig config, string location, string placeAsTyped)
    {
        // The short form where it is the same place.
        var directory = Path.GetFullPath(config.Checkpoints.Directory) == location ? config.Checkpoints.Directory : location;
        Terminal.Say(Console.Out, result.Outcome switch
        {
            TrainingOutcome.Finished => $"Finished {result.Episode} episodes; the {learned.Episodes} played here took {Terminal.Duration(elapsed)}.",
            TrainingOutcome.AlreadyFinished => $"The run in {directory} is finished: {result.Episode} of {config.Training.MaxEpisodes} episodes. Nothing was changed.",
            _ => $"Interrupted after episode {result.Episode} of {config.Training.MaxEpisodes}.",
        });
        foreach (var model in result.Models)
        {
            var change = learned.FirstAndLastFifth(model.ModelId) is var (first, last)
                ? $"reward {first:F3} → {last:F3} ({last - first:+0.000;-0.000})"
                : $"reward {model.AverageReward:F3}";
            var cooperation = model.CooperationScore is { } score ? $", cooperated {score:P0}" : "";
            Terminal.Say(Console.Out, $"  {model.ModelId}: {change} per episode, won {model.WinCount} of {model.EpisodeCount}{cooperation}, {model.UpdateCount} updates");
        }

        if (learned.Episodes >= 5)
            Terminal.Say(Console.Out, $"  (→ compares the first and the last {learned.Episodes / 5} of the {learned.Episodes} episodes played here)");
        if (result.Checkpoint is { } checkpoint)
            Terminal.Say(Console.Out, $"{(checkpoint.Final ? "Final checkpoint" : "Checkpoint")}{(result.Verified ? ", read back and verified" : "")}: {(config.FastTier is null ? Path.Combine(directory, checkpoint.Id) : $"{checkpoint.Id} in {directory}")}");
        else
            Terminal.Say(Console.Out, "No episode was completed, so nothing was saved.");
        Terminal.Say(Console.Out, "Next:");
        if (result.Outcome == TrainingOutcome.Interrupted)
            Terminal.Say(Console.Out, $"  type the same command {(config.Checkpoints.Resume is "auto" or "fresh" ? "again" : "with --resume auto")} to go on from here");
        // A folder is what '--dir' opens as the storage 'local' has it; what another storage has, the configuration must say.
        var where = config.FastTier is not null || !string.Equals(config.Storage.Use, "local", StringComparison.OrdinalIgnoreCase) ? (placeAsTyped.Length == 0 ? "" : $" {placeAsTyped}")
            : directory == new CheckpointOptions().Directory ? ""
            : $" --dir {Terminal.Quote(directory)}";
        Terminal.Say(Console.Out, $"  {Program} list{where}");
        if (result.Checkpoint is not null)
            Terminal.Say(Console.Out, $"  {Program} show {result.Checkpoint.Id}{where}");
        if (result.Outcome is TrainingOutcome.AlreadyFinished)
            Terminal.Say(Console.Out, $"  {Program} train --fresh --dir ANOTHER_DIRECTORY   starts a new run");
    }

    /// <summary>What to type to run this program: its name where the shell finds it, else its path.</summary>
    private static string Program
    {
        get
        {
            var path = Environment.ProcessPath ?? "srl";
            // As a .NET tool it lies deep in a store, and beside the store is what one types.
            var store = path.IndexOf($"{Path.DirectorySeparatorChar}.store{Path.DirectorySeparatorChar}", StringComparison.Ordinal);
            if (store >= 0)
                path = Path.Combine(path[..store], Path.GetFileName(path));
            if (Path.GetFileNameWithoutExtension(path) != "srl")
                return $"dotnet {Terminal.Quote(Path.GetRelativePath(".", Path.Combine(AppContext.BaseDirectory, "srl.dll")))}";
            var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
            return folders.Contains(Path.GetDirectoryName(path)) ? "srl" : Terminal.Quote(Path.GetRelativePath(".", path));
        }
    }
}
